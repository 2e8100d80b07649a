#!/usr/bin/env bash
# Runs fuzz targets over their kept corpora, one after the other, and adds up what they executed.
#   tests/fuzz/run.sh                      each target for FUZZ_SECONDS (default 60)
#   tests/fuzz/run.sh sse_parser assembly  only these
#   tests/fuzz/run.sh --table              the sums so far, as the table of tests/fuzz/README.md
# FUZZ_CORPUS (default build/fuzz/corpus) keeps the corpora, executions.tsv with every run and what crashed.
# FUZZ_CLANG is the version of Clang, where it is not the usual one. Ends with 1 when a target found something.
set -euo pipefail
cd "$(dirname "$0")/../.."
corpora=${FUZZ_CORPUS:-build/fuzz/corpus}
runs=$corpora/executions.tsv
mkdir -p "$corpora"

table() {
  printf '| target | executions | minutes | clean |\n|---|---|---|---|\n'
  awk -F'\t' '{ n[$1] += $2; s[$1] += $3; if ($4 != "clean") bad[$1]++ }
    END { for (t in n) printf "| `%s` | %.0f | %.0f | %s |\n", t, n[t], s[t] / 60, bad[t] ? "no, " bad[t] " found" : "yes" }' \
    "$runs" | sort
}

# What an input may weigh: enough for every state of the parser behind it, little enough for thousands a second.
most_bytes() { # name
  case $1 in
    deltas) echo 96 ;;             # each byte is a quarter of an event
    redaction | session_name) echo 256 ;;
    json | content_coding | proxy_protocol | wire_header | manifest_line | line_reader) echo 512 ;;
    log_lines | viewer_line | translate_request | yaml_config) echo 2048 ;;
    *) echo 1024 ;;
  esac
}

so_far() { # name
  awk -F'\t' -v t="$1" '$1 == t { n += $2 } END { printf "%.0f", n }' "$runs"
}

run_target() { # name
  local corpus=$corpora/$1 report status=0 executions began=$SECONDS outcome=clean
  report=$(mktemp)
  mkdir -p "$corpus" "$corpora/found/$1"
  # A small quarantine is used again soon, so that big buffers (decoders) cost no fresh pages each time; without
  # -entropic=0 the choice of the next input takes longer than most targets.
  ASAN_OPTIONS=quarantine_size_mb=16:malloc_context_size=12 "build/fuzz/fuzz/fuzz_$1" -entropic=0 \
    -max_len="$(most_bytes "$1")" -max_total_time="${FUZZ_SECONDS:-60}" -rss_limit_mb=4096 -timeout=20 -print_final_stats=1 \
    -artifact_prefix="$corpora/found/$1/" "$corpus" "tests/fuzz/seeds/$1" >"$report" 2>&1 || status=$?
  executions=$(awk '/^stat::number_of_executed_units:/ { print $2 }' "$report")
  if [ "$status" -ne 0 ]; then
    outcome=found
    tail -n 60 "$report"
  fi
  printf '%s\t%s\t%s\t%s\t%s\n' "$1" "${executions:-0}" "$((SECONDS - began))" "$outcome" "$(git rev-parse --short HEAD)" >>"$runs"
  printf '%s: %s executions in %s s, %s, %s so far\n' "$1" "${executions:-0}" "$((SECONDS - began))" "$outcome" "$(so_far "$1")"
  rm -f "$report"
  return "$status"
}

if [ "${1:-}" = --table ]; then
  table
  exit
fi
cmake --preset fuzz ${FUZZ_CLANG:+-DCMAKE_C_COMPILER=clang-$FUZZ_CLANG -DCMAKE_CXX_COMPILER=clang++-$FUZZ_CLANG} >/dev/null
targets=("$@")
[ ${#targets[@]} -gt 0 ] ||
  mapfile -t targets < <(cmake --build --preset fuzz --target help | grep -oE '^fuzz_[a-z0-9_]+' | sed 's/^fuzz_//' | sort -u)
outcome=0
for target in "${targets[@]}"; do
  cmake --build --preset fuzz --target "fuzz_$target" >/dev/null
  run_target "$target" || outcome=1
done
exit "$outcome"
