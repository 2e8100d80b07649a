#!/usr/bin/env bash
# How fast albicilla-conv turns logs into OpenAI rows (with sidecar, all rules checked), beside what
# merely reading the same lines costs others. One core, warm cache, CPU seconds of the best of three
# runs, so that a busy machine says nearly the same as an idle one; memory is the most that was
# resident. Two cores are measured by the clock: on a busy machine that row means nothing.
#
#   tests/bench/converter/bench.sh [MEGABYTES] (500)
#
# ALBICILLA_BINARY_DIR names the build (build/release).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
conv=$(realpath "${ALBICILLA_BINARY_DIR:-$here/../../../build/release}")/bin/albicilla-conv
megabytes=${1:-500}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Prints "MB/s of CPU time, MB of memory" of the best of three runs.
measure() {
  local bytes=$1 best=999999 memory=0 used resident
  shift
  for _ in 1 2 3; do
    rm -rf "$scratch/out"
    read -r used resident < <(taskset -c 0 /usr/bin/time -f '%U %S %M' "$@" 2>&1 >/dev/null | tail -1 |
      awk '{printf "%d %d\n", ($1 + $2) * 1000, $3 / 1024}')
    [ "$used" -lt "$best" ] && best=$used
    memory=$resident
  done
  [ "$best" -gt 0 ] || best=1
  echo "$((bytes / 1000 / best)) MB/s, $memory MB"
}

# The same by the clock, on two cores.
measure_on_two() {
  local bytes=$1 best=999999 began used
  shift
  for _ in 1 2 3; do
    rm -rf "$scratch/out"
    began=$(date +%s%N)
    taskset -c 0,1 "$@" >/dev/null 2>&1
    used=$((($(date +%s%N) - began) / 1000000))
    [ "$used" -lt "$best" ] && best=$used
  done
  echo "$((bytes / 1000 / best)) MB/s"
}

python_reads='import json,sys
for line in open(sys.argv[1], "rb"): json.loads(line)'
node_reads='const rl = require("readline").createInterface({input: require("fs").createReadStream(process.argv[1])});
rl.on("line", (line) => JSON.parse(line));'

printf '| %-28s | %-16s | %-16s | %-16s |\n' 'repeated bytes' '0 %' '50 %' '95 %'
printf '|---|---|---|---|\n'
declare -A row
for redundancy in 0 50 95; do
  log=$scratch/$redundancy
  mkdir -p "$log" "$log-zst" "$log-chain"
  node "$here/make_log.mjs" "$log/log.jsonl" "$megabytes" "$redundancy"
  zstd -q -3 "$log/log.jsonl" -o "$log-zst/log.jsonl.zst"
  bytes=$(stat -c %s "$log/log.jsonl")
  row[conv]+=" $(measure "$bytes" "$conv" -l "$log" -o "$scratch/out" -s -f openai) |"
  row[zst]+=" $(measure "$bytes" "$conv" -l "$log-zst" -o "$scratch/out" -s -f openai) |"
  row[two]+=" $(measure_on_two "$bytes" "$conv" -l "$log-zst" -o "$scratch/out" -s -f openai) |"
  row[compat]+=" $(measure "$bytes" "$conv" -l "$log" -o "$scratch/out" -s) |"
  node "$here/make_log.mjs" "$log-chain/log.jsonl" "$megabytes" "$redundancy" chain
  row[chain]+=" $(measure "$(stat -c %s "$log-chain/log.jsonl")" "$conv" -l "$log-chain" -o "$scratch/out" -s -f openai) |"
  row[jq]+=" $(measure "$bytes" jq -c .session_id "$log/log.jsonl") |"
  row[python]+=" $(measure "$bytes" python3 -c "$python_reads" "$log/log.jsonl") |"
  row[node]+=" $(measure "$bytes" node -e "$node_reads" "$log/log.jsonl") |"
  rm -rf "$log" "$log-zst" "$log-chain"
done
echo "| albicilla-conv, openai |${row[conv]}"
echo "| the same, hash chain verified |${row[chain]}"
echo "| the same from .zst |${row[zst]}"
echo "| .zst, two cores, by the clock |${row[two]}"
echo "| albicilla-conv, albicilla |${row[compat]}"
echo "| jq, reading |${row[jq]}"
echo "| Python's json, reading |${row[python]}"
echo "| Node.js, reading |${row[node]}"
