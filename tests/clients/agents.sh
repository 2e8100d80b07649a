#!/usr/bin/env bash
# Runs whole agents headless through the proxy against the mock provider: Claude Code and Codex each do
# a task of several steps with tools, led by a script. `team` is Claude Code with a sub-agent, `resumed` is
# Codex, both with a session that is taken up again; `translated` is Claude Code on an upstream that speaks
# OpenAI's API only. Checks what they did, that no request is without
# its line, and that every line ends whole. By hand, not in CI: it installs 640 MB of packages.
#
#   tests/clients/agents.sh [--record DIR] [claude|team|codex|resumed|translated ...]
#
# --record keeps each agent's lines as DIR/AGENT.jsonl, to feed converter and viewer. They hold the agents'
# own prompts, which are their vendors': for use on the spot, not to be published.
# ALBICILLA_BINARY_DIR names the build (build/release).
set -euo pipefail
cd "$(dirname "$0")"
here=$PWD
build=$(realpath "${ALBICILLA_BINARY_DIR:-../../build/release}")
record=
if [ "${1:-}" = --record ]; then
  mkdir -p "$2"
  record=$(realpath "$2")
  shift 2
fi
[ $# -gt 0 ] || set -- claude team codex resumed translated

if [ ! -e agents/node_modules/.package-lock.json ]; then (cd agents && npm ci --no-audit --no-fund); fi
claude=$here/agents/node_modules/@anthropic-ai/claude-code-linux-x64/claude
codex=$(echo "$here"/agents/node_modules/@openai/codex-linux-x64/vendor/*/bin/codex)

scratch=$(mktemp -d)
children=()
clean_up() {
  local status=$? child
  rm -rf "$here/agents/codex-home"
  for child in "${children[@]}"; do kill -TERM "$child" 2>/dev/null || true; done
  for child in "${children[@]}"; do wait "$child" 2>/dev/null || true; done
  if [ "$status" -eq 0 ]; then rm -rf "$scratch"; else echo "kept: $scratch" >&2; fi
  exit "$status"
}
trap clean_up EXIT
fail() { echo "agents.sh: $*" >&2; exit 1; }

"$build/bin/mock-provider" --port 0 --journal "$scratch/provider.jsonl" >"$scratch/mock" &
children+=($!)
for _ in $(seq 200); do grep -q 'listening on' "$scratch/mock" && break; sleep 0.05; done
provider=http://$(sed -n 's/.*listening on //p' "$scratch/mock")

# start_proxy LOG_ROOT [flag ...]: sets `url`.
start_proxy() {
  local log=$1 port=$((20000 + RANDOM % 20000))
  shift
  url=$provider
  [ "${ALBICILLA_DIRECT:-0}" != 1 ] || return 0
  url=http://127.0.0.1:$port
  "$build/bin/albicilla-proxy" --upstream "$provider" "$@" --host 127.0.0.1 \
    --port "$port" --workers 2 --log-root "$log" 2>"$log.said" &
  children=("$!" "${children[@]}")
  for _ in $(seq 200); do curl -fsS -o "$log.ready" "$url/readyz" 2>/dev/null && break; sleep 0.1; done
  [ -s "$log.ready" ] || fail "the proxy is not ready: $(cat "$log.said")"
}

run_claude() {
  start_proxy "$scratch/claude" --anthropic-upstream "$provider"
  run_claude_as claude
}

run_translated() {
  [ "${ALBICILLA_DIRECT:-0}" != 1 ] || fail "nobody translates without the proxy"
  start_proxy "$scratch/translated"
  run_claude_as translated
}

run_claude_as() {
  local home=$scratch/$1-home work=$scratch/$1-work
  mkdir -p "$home" "$work"
  (cd "$work" && env HOME="$home" ANTHROPIC_BASE_URL="$url" ANTHROPIC_API_KEY=sk-test IS_SANDBOX=1 \
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 timeout 120 "$claude" -p --output-format json \
    --dangerously-skip-permissions </dev/null "Do it. [[marker $1]] [[script \
Bash {\"command\":\"echo one > a.txt\",\"description\":\"write a\"} ;; \
Read {\"file_path\":\"$work/a.txt\"} || Bash {\"command\":\"echo two > b.txt\",\"description\":\"write b\"} ;; \
Write {\"file_path\":\"$work/c.txt\",\"content\":\"three\"} ;; say All three files are written]]") \
    >"$scratch/$1.out" || fail "$1: $(cat "$scratch/$1.out")"
  grep -q 'All three files are written' "$scratch/$1.out" || fail "$1: $(cat "$scratch/$1.out")"
  [ "$(cat "$work"/{a,b,c}.txt | tr '\n' ' ')" = 'one two three' ] || fail "$1: the files are not written"
}

# A task that a sub-agent shares, and the session taken up again.
run_team() {
  local home=$scratch/team-home work=$scratch/team-work
  start_proxy "$scratch/team" --anthropic-upstream "$provider"
  mkdir -p "$home" "$work"
  # The sub-agent's own script hides in its prompt: what this one is cut at is escaped there.
  ask_claude "$home" "$work" "Share it. [[marker team]] [[script \
Bash {\"command\":\"echo one > a.txt\",\"description\":\"write a\"} ;; \
Agent {\"description\":\"read a\",\"subagent_type\":\"general-purpose\",\"prompt\":\"Read a.txt. \\u005b[marker team]\\u005d \\u005b[script \
Read {\\\"file_path\\\":\\\"$work/a.txt\\\"} \\u003b\\u003b say It says one]\\u005d\"} ;; say The sub-agent read one]]" \
    'The sub-agent read one'
  ask_claude "$home" "$work" "And then? [[marker team]] [[script \
Bash {\"command\":\"echo two > b.txt\",\"description\":\"write b\"} ;; say The second file is written]]" \
    'The second file is written' --continue
  [ "$(cat "$work"/{a,b}.txt | tr '\n' ' ')" = 'one two ' ] || fail "team: the files are not written"
}

# ask_claude HOME WORK PROMPT ANSWER [flag ...]
ask_claude() {
  local home=$1 work=$2 prompt=$3 answer=$4
  shift 4
  (cd "$work" && env HOME="$home" ANTHROPIC_BASE_URL="$url" ANTHROPIC_API_KEY=sk-test IS_SANDBOX=1 \
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 timeout 300 "$claude" -p --output-format json \
    --dangerously-skip-permissions "$@" </dev/null "$prompt") >"$scratch/said" || fail "$(cat "$scratch/said")"
  grep -q "$answer" "$scratch/said" || fail "$(cat "$scratch/said")"
}

run_codex() {
  local work=$scratch/codex-work
  prepare_codex codex
  ask_codex codex 'Both files are written' "Do it. [[marker codex]] [[script \
exec_command {\"cmd\":\"echo one > a.txt\"} ;; \
exec_command {\"cmd\":\"cat a.txt\"} || exec_command {\"cmd\":\"echo two > b.txt\"} ;; say Both files are written]]"
  [ "$(cat "$work"/{a,b}.txt | tr '\n' ' ')" = 'one two ' ] || fail "codex did not write its files"
}

# The session taken up again.
run_resumed() {
  local work=$scratch/resumed-work
  prepare_codex resumed
  ask_codex resumed 'The first file is written' "Do it. [[marker resumed]] [[script \
exec_command {\"cmd\":\"echo one > a.txt\"} ;; say The first file is written]]"
  ask_codex resumed 'The second one, too' resume --last "And then? [[marker resumed]] [[script \
exec_command {\"cmd\":\"cat a.txt\"} ;; exec_command {\"cmd\":\"echo two > b.txt\"} ;; say The second one, too]]"
  [ "$(cat "$work"/{a,b}.txt | tr '\n' ' ')" = 'one two ' ] || fail "codex did not write its files"
}

prepare_codex() {
  codex_home=$here/agents/codex-home
  start_proxy "$scratch/$1"
  rm -rf "$codex_home"
  mkdir -p "$codex_home" "$scratch/$1-work"
  cat >"$codex_home/config.toml" <<EOT
model = "gpt-5"
model_provider = "mock"
[model_providers.mock]
name = "mock"
base_url = "$url/v1"
env_key = "MOCK_KEY"
wire_api = "responses"
EOT
}

# ask_codex NAME ANSWER [argument ...]
ask_codex() {
  local name=$1 answer=$2
  shift 2
  (cd "$scratch/$name-work" && env HOME="$codex_home" CODEX_HOME="$codex_home" MOCK_KEY=sk-test timeout 300 \
    "$codex" exec --json --skip-git-repo-check --dangerously-bypass-approvals-and-sandbox "$@" </dev/null) \
    >"$scratch/said" 2>&1 || fail "$name: $(cat "$scratch/said")"
  grep -q "$answer" "$scratch/said" || fail "$name: $(cat "$scratch/said")"
}

# Every marked request at the provider has its line, whole; and no line is there twice.
check_lines() {
  local requests lines
  requests=$(jq -s --arg m "$1" '[.[] | select(.marker == $m)] | length' "$scratch/provider.jsonl")
  [ "$requests" -ge 3 ] || fail "$1: only $requests requests"
  [ "${ALBICILLA_DIRECT:-0}" = 1 ] && { echo "$1: $requests requests"; return; }
  for _ in $(seq 100); do
    lines=$(cat "$scratch/$1"/[0-9]*/*.jsonl 2>/dev/null | grep -c "marker $1" || true)
    [ "$lines" -ge "$requests" ] && break
    sleep 0.1
  done
  [ "$lines" -eq "$requests" ] || fail "$1: $requests requests, $lines lines"
  cat "$scratch/$1"/[0-9]*/*.jsonl | grep "marker $1" | jq -es '
    (map(.exchange.ending == "complete" and .exchange.status == 200) | all)
    and (map(.session_id) | unique | length == 1)
    and (map(.exchange.id) | unique | length) == length' >"$scratch/verdict" ||
    fail "$1: the lines are not as they should be, see $scratch/$1"
  node agent_lines.mjs "$1" "$scratch/provider.jsonl" "$scratch/$1" || fail "$1: bytes differ, see $scratch/$1"
  echo "$1: $requests requests, $lines lines, one session, the bytes of every request as sent"
  check_trajectory "$1"
  [ -z "$record" ] || cat "$scratch/$1"/[0-9]*/*.jsonl | grep "marker $1" >"$record/$1.jsonl"
}

# The converter makes of the session what the agent did.
check_trajectory() {
  "$build/bin/albicilla-conv" -l "$scratch/$1" -o "$scratch/trajectories-$1" -s -f atif >"$scratch/converted" ||
    fail "$1: albicilla-conv: $(cat "$scratch/converted")"
  node agent_trajectory.mjs "$1" "$scratch/trajectories-$1/conversations.jsonl" ||
    fail "$1: not the trajectory of what it did"
  echo "$1: one trajectory, its calls and results in order"
}

for agent in "$@"; do
  "run_$agent"
  check_lines "$agent"
done
