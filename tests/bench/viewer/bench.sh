#!/usr/bin/env bash
# What the viewer costs and how fast it answers: an invented log of SESSIONS sessions (default 100,000,
# about 1.5 GB) is made and indexed, the page's questions are asked of it, and a sink takes REQUESTS
# records with and without a viewer that tails its log (beside_sink.sh).
#   tests/bench/viewer/bench.sh [SESSIONS [REQUESTS]]
# ALBICILLA_BINARY_DIR names the build (build/release). CPU time is told beside time: on a busy machine
# it is the one that means something.
set -euo pipefail
cd "$(dirname "$0")/../../.."
build=$(realpath "${ALBICILLA_BINARY_DIR:-build/release}")
sessions=${1:-100000}
requests=${2:-20000}
scratch=$(mktemp -d)
. tests/bench/viewer/wait_for.sh
children=()
clean_up() {
  for child in "${children[@]}"; do kill "$child" 2>/dev/null || true; done
  for child in "${children[@]}"; do wait "$child" 2>/dev/null || true; done
  rm -rf "$scratch"
}
trap clean_up EXIT

start_viewer() {  # LOGS INDEX: sets `view` and `view_pid`
  : >"$scratch/view.out"
  "$build/bin/albicilla-view" --logs "$1" --index-dir "$2" --port 0 --log-level error >"$scratch/view.out" &
  view_pid=$!
  children+=("$view_pid")
  view=http://127.0.0.1:$(wait_for "$scratch/view.out" ':([0-9]+)\/')
}

echo "== index"
"$build/bin/viewer_make_log" "$scratch/big" "$sessions" 3 3
"$build/bin/viewer_index_bench" "$scratch/big" "$scratch/index"
du -sh "$scratch/index" | sed 's/\t.*/ of index/'

echo "== questions, median of 9 in ms"
start_viewer "$scratch/big" "$scratch/index"
for _ in $(seq 600); do
  [ "$(curl -fsS "$view/api/state" | jq .index.ready)" = true ] && break
  sleep 0.1
done
words=$(find "$scratch/big" -name '*.jsonl' -print -quit | xargs head -1 | jq -r '.request.messages[-1].content')
word() { echo "$words" | tr -d . | tr ' ' '\n' | awk 'length > 6' | sed -n "$1p"; }
ask() {
  local times
  times=$(for _ in 1 2 3 4 5 6 7 8 9; do
    curl -fsS -o "$scratch/answer" -w '%{time_total}\n' "$view$2"
  done | sort -n | sed -n 5p)
  printf '%-34s %6.1f\n' "$1" "$(echo "$times * 1000" | bc -l)"
}
ask 'list, newest' /api/sessions
ask 'list, by model and failure' '/api/sessions?model=gpt-4o&status=failed'
for sort in exchanges tokens failed duration; do ask "list, by $sort" "/api/sessions?sort=$sort"; done
ask 'histogram' /api/histogram
ask 'search, one word' "/api/search?q=$(word 1)"
ask 'search, two words' "/api/search?q=$(word 1)%20$(word 2)"
ask 'search, a phrase' "/api/search?q=%22$(word 1)%20$(word 2)%22"
ask 'search, nothing found' '/api/search?q=nowheretobefound'
ask 'conversation' '/api/conversation?id=session-0000002'
sed -n 's/VmHWM:[[:space:]]*/resident at most, maps of the index included: /p' "/proc/$view_pid/status"
kill "$view_pid"
wait "$view_pid" || true

echo "== the sink with and without a viewer"
tests/bench/viewer/beside_sink.sh 5 "$requests"
