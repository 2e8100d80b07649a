#!/usr/bin/env bash
# The run command: installs what is missing, builds, starts the whole pipeline and says how to use it.
#   deploy/run.sh --upstream https://api.openai.com   a real provider
#   deploy/run.sh                                     our mock provider: works without a key
#   deploy/run.sh --once                              sends one plain and one streamed chat completion,
#                                                     shows the two log lines and the dataset made of
#                                                     them, and exits non-zero when anything is off
# All other arguments go to albicilla-proxy (albicilla-proxy --help tells them).
set -euo pipefail
cd "$(dirname "$0")/.."

once=false upstream='' host=127.0.0.1 port='' log_root=./proxy_logs
arguments=()
while [ $# -gt 0 ]; do
  case $1 in
    --once) once=true ;;
    -u | --upstream) upstream=${2:?--upstream needs a URL}; shift ;;
    --upstream=*) upstream=${1#*=} ;;
    --host) host=${2:?--host needs an address}; shift ;;
    --host=*) host=${1#*=} ;;
    -p | --port) port=${2:?--port needs a number}; shift ;;
    --port=*) port=${1#*=} ;;
    -l | --log-root) log_root=${2:?--log-root needs a directory}; shift ;;
    --log-root=*) log_root=${1#*=} ;;
    -h | --help) sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) arguments+=("$1") ;;
  esac
  shift
done

deploy/packages.sh
targets=(albicilla-proxy albicilla-sink albicilla-conv)
[ -n "$upstream" ] || targets+=(mock-provider)
cmake --preset release >/dev/null
cmake --build --preset release --target "${targets[@]}"
bin=$PWD/build/release/bin

scratch=$(mktemp -d)
children=()
clean_up() {
  local status=$? child
  for child in "${children[@]}"; do kill -TERM "$child" 2>/dev/null || true; done
  for child in "${children[@]}"; do wait "$child" 2>/dev/null || true; done
  rm -rf "$scratch"
  exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
if [ -z "$port" ]; then
  port=9000
  while $once && ! is_free "$port"; do port=$((20000 + RANDOM % 20000)); done
fi

if [ -z "$upstream" ]; then
  "$bin/mock-provider" --port 0 >"$scratch/mock" &
  children+=($!)
  until grep -q 'listening on' "$scratch/mock"; do
    kill -0 "${children[0]}" || { echo "run.sh: the mock provider did not start" >&2; exit 1; }
    sleep 0.05
  done
  upstream=http://$(sed -n 's/.*listening on //p' "$scratch/mock" | head -1)
  echo "mock provider: $upstream (no --upstream given)"
fi

"$bin/albicilla-proxy" --upstream "$upstream" --host "$host" --port "$port" --log-root "$log_root" \
  "${arguments[@]}" &
proxy=$!
children=("$proxy" "${children[@]}")
reach=$host
[ "$reach" != 0.0.0.0 ] || reach=127.0.0.1
until curl -fsS -o "$scratch/ready" "http://$reach:$port/readyz" 2>/dev/null; do
  kill -0 "$proxy" 2>/dev/null || { echo "run.sh: albicilla-proxy did not start" >&2; exit 1; }
  sleep 0.1
done

ask() { # session, stream: the curl line that is printed is the one that is run
  printf "curl -sS http://%s:%s/v1/chat/completions -H 'Content-Type: application/json' -H 'agent-session-id: %s' -d '%s'" \
    "$reach" "$port" "$1" \
    "{\"model\":\"gpt-4o-mini\",\"stream\":$2,\"messages\":[{\"role\":\"user\",\"content\":\"Hello!\"}]}"
}

if ! $once; then
  cat <<EOT

Albicilla listens on http://$reach:$port and forwards to $upstream. Try:

  $(ask my-session false)

The line of each exchange stands in $log_root/$(date -u +%F)/my-session.jsonl. Ctrl-C stops.
EOT
  wait "$proxy"
  exit $?
fi

fail() { echo "run.sh --once: $*" >&2; exit 1; }
session=once-$(date -u +%H%M%S)-$$
for stream in false true; do
  printf '\n$ %s\n' "$(ask "$session" "$stream")"
  eval "$(ask "$session" "$stream")" | tee "$scratch/answer-$stream"
  echo
done
jq -e '.choices[0].message.content | length > 0' "$scratch/answer-false" >/dev/null ||
  fail "the plain answer is not a chat completion"
grep -q '^data: \[DONE\]' "$scratch/answer-true" || fail "the stream did not end with [DONE]"

find_log() { find "$log_root" -mindepth 2 -maxdepth 2 -path '*/[0-9]*' -name "$session.jsonl" | head -1; }
for _ in $(seq 100); do
  log=$(find_log)
  [ -n "$log" ] && [ "$(wc -l <"$log")" -ge 2 ] && break
  sleep 0.1
done
[ -n "$log" ] || fail "no log file for session $session below $log_root"
printf '\n%s:\n' "$log"
cat "$log"
[ "$(wc -l <"$log")" -eq 2 ] || fail "expected 2 lines in $log, got $(wc -l <"$log")"
jq -es --arg session "$session" '
  length == 2
  and (map(keys_unsorted == ["timestamp","session_id","request","response","exchange","chain"]) | all)
  and (map(.session_id == $session and .exchange.ending == "complete" and .exchange.status == 200) | all)
  and (map(.response.choices[0].message.content | length > 0) | all)
  and (map(.chain.n) == [1, 2]) and (map(.exchange.streaming) == [false, true])' "$log" >/dev/null ||
  fail "the lines in $log are not as they should be"

mkdir -p "$scratch/logs/$(basename "$(dirname "$log")")"
cp "$log" "$scratch/logs/$(basename "$(dirname "$log")")/"
printf '\n$ albicilla-conv --logs … --output … --single-file\n'
"$bin/albicilla-conv" --logs "$scratch/logs" --output "$scratch/output" --single-file
cat "$scratch/output/conversations.jsonl"
jq -e '(.messages | length) >= 2 and .messages[-1].role == "assistant"' \
  "$scratch/output/conversations.jsonl" >/dev/null || fail "the converted record is not as it should be"
printf '\nAll is well: two exchanges, two lines, one dataset record.\n'
