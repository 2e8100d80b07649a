#!/usr/bin/env bash
# Measures Albicilla (every exchange logged, durable in the spool, sink writing) beside nginx and
# HAProxy (which log nothing) and the bare provider, in alternating rounds of one run, and prints one
# table of medians and of ratios to nginx. Absolute figures depend on the machine; the ratios travel.
#   deploy/bench.sh                     requests at 16, 64, 256 connections, and 1 MiB bodies
#   ROUNDS=5 SECONDS_EACH=4 deploy/bench.sh
#   deploy/bench.sh --bare              ours without spool and sink: what logging costs
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${ROUNDS:-3} seconds=${SECONDS_EACH:-4}
proxy_extra=()
[ "${1:-}" != --bare ] || proxy_extra=(--bench-discard-log)

deploy/packages.sh nginx-light haproxy wrk
cmake --preset release >/dev/null
cmake --build --preset release --target albicilla-proxy albicilla-sink mock-provider >/dev/null
bin=$PWD/build/release/bin scratch=$(mktemp -d) box=$PWD/tests/bench/black_box
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$scratch"' EXIT
ulimit -n "$(ulimit -Hn)"

free_port() { local p; while p=$((20000 + RANDOM % 30000)); (exec 3<>"/dev/tcp/127.0.0.1/$p") 2>/dev/null; do :; done; echo "$p"; }
wait_for() { for _ in $(seq 100); do curl -fsS -o "$scratch/ready" "$1" 2>/dev/null && return; sleep 0.1; done; echo "bench.sh: no answer from $1" >&2; exit 1; }

"$bin/mock-provider" --port 0 >"$scratch/mock" & pids+=($!)
until grep -qs listening "$scratch/mock"; do sleep 0.05; done
declare -A port pid
port[direct]=$(sed -n 's/.*://p' "$scratch/mock"); pid[direct]=${pids[0]}
port[nginx]=$(free_port) port[haproxy]=$(free_port) port[albicilla]=$(free_port)
fill() { sed "s|@SCRATCH@|$scratch|g; s|@PORT@|${port[$1]}|; s|@UPSTREAM@|${port[direct]}|" "$2"; }
fill nginx "$box/nginx.conf" >"$scratch/nginx.conf"
fill haproxy "$box/haproxy.cfg" >"$scratch/haproxy.cfg"
nginx -c "$scratch/nginx.conf" & pid[nginx]=$!; pids+=($!)
haproxy -q -db -f "$scratch/haproxy.cfg" & pid[haproxy]=$!; pids+=($!)
"$bin/albicilla-proxy" --upstream "http://127.0.0.1:${port[direct]}" --host 127.0.0.1 \
  --port "${port[albicilla]}" --log-root "$scratch/logs" --log-level error "${proxy_extra[@]}" &
pid[albicilla]=$!; pids+=($!)
wait_for "http://127.0.0.1:${port[albicilla]}/readyz"
wait_for "http://127.0.0.1:${port[nginx]}/v1/models"
wait_for "http://127.0.0.1:${port[haproxy]}/v1/models"

# CPU seconds of a process and everything below it.
cpu() {
  local tree=$1 all=$1 child
  while [ -n "$tree" ]; do
    child=$(for p in $tree; do cat /proc/"$p"/task/*/children 2>/dev/null; done)
    tree=$child all="$all $child"
  done
  for p in $all; do cut -d' ' -f14,15 "/proc/$p/stat" 2>/dev/null; done |
    awk -v hz="$(getconf CLK_TCK)" '{s += $1 + $2} END {printf "%.2f", s / hz}'
}

measure() { # subject connections case
  local before after result
  before=$(cpu "${pid[$1]}")
  result=$(wrk -t1 -c"$2" -d"${seconds}s" --timeout 30s -s "$box/post.lua" \
    "http://127.0.0.1:${port[$1]}/v1/chat/completions" | sed -n 's/^RESULT //p')
  after=$(cpu "${pid[$1]}")
  echo "$3 $1 $result $before $after" | awk -v s="$seconds" \
    '{printf "%s %s %s %s %s %s %.4f\n", $1, $2, $3, $4, $5, $6, ($8 - $7) / ($3 * s) * 10000}'
}

case_of() { # name connections bytes directive
  local round subject
  for round in $(seq "$rounds"); do
    for subject in direct nginx haproxy albicilla; do
      BENCH_BYTES=$3 BENCH_MOCK=${4:-} measure "$subject" "$2" "$1" >>"$scratch/results"
    done
    printf '\r%s: round %d of %d ' "$1" "$round" "$rounds" >&2
  done
  printf '\n' >&2
}
case_of small-16 16 32
case_of small-64 64 32
case_of small-256 256 32
case_of 1MiB-both-ways 16 1048576 body_bytes=1048576

printf '%-16s %-10s %12s %9s %9s %8s %12s %9s %9s\n' case subject requests/s p50_us p99_us errors cpu_s/10k x_nginx x_cpu
awk '{key = $1 " " $2; n[key]++; for (i = 3; i <= 7; i++) v[key, n[key], i] = $i; if (!(key in seen)) {seen[key] = 1; order[++m] = key}}
  function median(key, field,   i, j, t, a, c) {
    c = n[key]; for (i = 1; i <= c; i++) a[i] = v[key, i, field] + 0
    for (i = 1; i < c; i++) for (j = i + 1; j <= c; j++) if (a[j] < a[i]) {t = a[i]; a[i] = a[j]; a[j] = t}
    return a[int((c + 1) / 2)]
  }
  END {for (k = 1; k <= m; k++) {split(order[k], p, " "); base = p[1] " nginx"
    printf "%-16s %-10s %12.0f %9.0f %9.0f %8.0f %12.3f %9.2f %9.2f\n", p[1], p[2], median(order[k], 3), median(order[k], 4),
      median(order[k], 5), median(order[k], 6), median(order[k], 7), median(order[k], 3) / median(base, 3),
      median(order[k], 7) / (median(base, 7) > 0 ? median(base, 7) : 1)}}' "$scratch/results"
if [ -d "$scratch/logs" ]; then
  echo "bytes on disk: $(du -sb "$scratch/logs" | cut -f1)"
fi
