#!/usr/bin/env bash
# Measures Albicilla (every exchange logged, durable in the spool, sink writing) beside nginx and
# HAProxy (which log nothing) and the bare provider, in alternating rounds of one run, and prints
# tables of medians and of ratios to nginx. Absolute figures depend on the machine; the ratios travel.
#   deploy/bench.sh                     all of it, about ten minutes
#   deploy/bench.sh requests bodies     only these: requests bodies tls latency streams sink growth
#   ROUNDS=5 SECONDS_EACH=4 deploy/bench.sh
#   deploy/bench.sh --bare requests     ours without spool and sink: what logging costs
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${ROUNDS:-3} seconds=${SECONDS_EACH:-4}
proxy_extra=()
if [ "${1:-}" = --bare ]; then
  proxy_extra=(--bench-discard-log)
  shift
fi
wanted=" ${*:-requests bodies tls latency streams sink growth} "

deploy/packages.sh nginx-light haproxy wrk
if [ -z "${ALBICILLA_BINARY_DIR:-}" ]; then
  ALBICILLA_BINARY_DIR=$PWD/build/release
  cmake --preset release >/dev/null
  cmake --build --preset release \
    --target albicilla-proxy albicilla-sink mock-provider pace-bench sink-bench >/dev/null
fi
bin=$ALBICILLA_BINARY_DIR/bin scratch=$(mktemp -d) box=$PWD/tests/bench/black_box
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$scratch"' EXIT
ulimit -n "$(ulimit -Hn)"

free_port() { local p; while p=$((15000 + RANDOM % 17000)); (exec 3<>"/dev/tcp/127.0.0.1/$p") 2>/dev/null; do :; done; echo "$p"; }
wait_for() { for _ in $(seq 100); do curl -kfsS -o "$scratch/ready" "$1" 2>/dev/null && return; sleep 0.1; done; echo "bench.sh: no answer from $1" >&2; exit 1; }
wait_for_port() { for _ in $(seq 100); do (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return; sleep 0.1; done; echo "bench.sh: nobody listens on $1" >&2; exit 1; }

declare -A port pid
start_provider() { # program and arguments: the end of every path
  : >"$scratch/provider"  # what an earlier one said is not this one's
  "$@" >"$scratch/provider" &
  pid[direct]=$!
  pids+=($!)
  until grep -qs listening "$scratch/provider"; do sleep 0.05; done
  port[direct]=$(sed -n 's/.*://p' "$scratch/provider")
}
# Plain HTTP until speak_tls has made a certificate; then TLS on both sides, verified on the upstream's.
scheme=http listen_tls='' tls='' bind_tls='' server_tls='' provider_tls=() proxy_tls=()
speak_tls() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
    -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' -keyout "$scratch/key.pem" -out "$scratch/cert.pem" 2>/dev/null
  cat "$scratch/cert.pem" "$scratch/key.pem" >"$scratch/both.pem"
  scheme=https listen_tls=' ssl' bind_tls=" ssl crt $scratch/both.pem"
  server_tls=" ssl verify required ca-file $scratch/cert.pem"
  tls="ssl_certificate $scratch/cert.pem; ssl_certificate_key $scratch/key.pem; proxy_ssl_verify on;"
  tls+=" proxy_ssl_trusted_certificate $scratch/cert.pem; proxy_ssl_name localhost;"
  provider_tls=(--tls-cert "$scratch/cert.pem" --tls-key "$scratch/key.pem")
  proxy_tls=("${provider_tls[@]}" --upstream-ca "$scratch/cert.pem")
}
fill() {
  sed "s|@SCRATCH@|$scratch|g; s|@PORT@|${port[$1]}|; s|@UPSTREAM@|${port[direct]}|; s|@SCHEME@|$scheme|
    s|@LISTEN_TLS@|$listen_tls|; s|@TLS@|$tls|; s|@BIND_TLS@|$bind_tls|; s|@SERVER_TLS@|$server_tls|" "$2"
}
start_relays() {
  port[nginx]=$(free_port) port[haproxy]=$(free_port) port[albicilla]=$(free_port)
  fill nginx "$box/nginx.conf" >"$scratch/nginx.conf"
  fill haproxy "$box/haproxy.cfg" >"$scratch/haproxy.cfg"
  nginx -c "$scratch/nginx.conf" & pid[nginx]=$!; pids+=($!)
  haproxy -q -db -f "$scratch/haproxy.cfg" & pid[haproxy]=$!; pids+=($!)
  rm -rf "$scratch/logs"
  "$bin/albicilla-proxy" --upstream "$scheme://127.0.0.1:${port[direct]}" --host 127.0.0.1 --port "${port[albicilla]}" \
    --log-root "$scratch/logs" --log-level error "${proxy_tls[@]}" "${proxy_extra[@]}" &
  pid[albicilla]=$!; pids+=($!)
  wait_for "$scheme://127.0.0.1:${port[albicilla]}/readyz"
  wait_for_port "${port[nginx]}"
  wait_for_port "${port[haproxy]}"
}
stop_all() {
  kill "${pids[@]}" 2>/dev/null || true
  wait "${pids[@]}" 2>/dev/null || true
  pids=()
}

tree_of() {
  local tree=$1 all=$1 child
  while [ -n "$tree" ]; do
    child=$(for p in $tree; do cat /proc/"$p"/task/*/children 2>/dev/null; done)
    tree=$child all="$all $child"
  done
  echo "$all"
}
# CPU seconds of a process and everything below it.
cpu() {
  for p in $(tree_of "$1"); do cut -d' ' -f14,15 "/proc/$p/stat" 2>/dev/null; done |
    awk -v hz="$(getconf CLK_TCK)" '{s += $1 + $2} END {printf "%.2f", s / hz}'
}
pss_kib() { for p in $(tree_of "$1"); do cat "/proc/$p/smaps_rollup" 2>/dev/null; done | awk '/^Pss:/ {s += $2} END {print s + 0}'; }

measure() { # subject connections case
  local before after result
  before=$(cpu "${pid[$1]}")
  result=$(wrk -t1 -c"$2" -d"${seconds}s" --timeout 30s -s "$box/post.lua" \
    "$scheme://127.0.0.1:${port[$1]}/v1/chat/completions" | sed -n 's/^RESULT //p')
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

# Rows "case subject values", medians of each value over the rounds, and the ratios of the first and
# of the last value to nginx's. `heads` are the names of the values.
medians() { # file heads...
  local file=$1
  shift
  awk -v heads="$*" '{key = $1 " " $2; n[key]++; for (i = 3; i <= NF; i++) v[key, n[key], i] = $i
      fields = NF; if (!(key in seen)) {seen[key] = 1; order[++m] = key}}
    function median(key, field,   i, j, t, a, c) {
      c = n[key]; for (i = 1; i <= c; i++) a[i] = v[key, i, field] + 0
      for (i = 1; i < c; i++) for (j = i + 1; j <= c; j++) if (a[j] < a[i]) {t = a[i]; a[i] = a[j]; a[j] = t}
      return a[int((c + 1) / 2)]
    }
    END {count = split(heads, name, " "); printf "%-16s %-10s", "case", "subject"
      for (i = 1; i <= count; i++) printf " %11s", name[i]
      printf "\n"
      for (k = 1; k <= m; k++) {split(order[k], p, " "); printf "%-16s %-10s", p[1], p[2]; base = p[1] " nginx"
        for (i = 3; i <= fields; i++) printf (v[order[k], 1, i] ~ /\./ ? " %11.3f" : " %11.0f"), median(order[k], i)
        for (r = 1; fields + r <= count + 2; r++) {
          field = substr(name[fields - 2 + r], 3); for (i = 1; i <= fields - 2; i++) if (name[i] == field) at = i + 2
          below = median(base, at); printf " %11.2f", (below > 0 ? median(order[k], at) / below : 0)}
        printf "\n"}}' "$file"
}

if [[ $wanted == *" requests "* || $wanted == *" bodies "* ]]; then
  start_provider "$bin/mock-provider" --port 0
  start_relays
  : >"$scratch/results"
  if [[ $wanted == *" requests "* ]]; then
    case_of small-16 16 32
    case_of small-64 64 32
    case_of small-256 256 32
  fi
  if [[ $wanted == *" bodies "* ]]; then
    disk=$(du -sb "$scratch/logs" 2>/dev/null | cut -f1 || echo 0)
    case_of 1MiB-both-ways 16 1048576 body_bytes=1048576
    case_of 32MiB-answer 4 32 body_bytes=33554432
  fi
  medians "$scratch/results" requests/s p50_us p99_us errors cpu_s/10k x_requests/s x_cpu_s/10k
  stop_all
  if [ -d "$scratch/logs" ]; then echo "log on disk: $(du -sb "$scratch/logs" | cut -f1) bytes, all requests together"; fi
fi

if [[ $wanted == *" tls "* ]]; then
  speak_tls
  start_provider "$bin/mock-provider" --port 0 "${provider_tls[@]}"
  start_relays
  : >"$scratch/results"
  case_of tls-small-64 64 32
  medians "$scratch/results" requests/s p50_us p99_us errors cpu_s/10k x_requests/s x_cpu_s/10k
  stop_all
  scheme=http listen_tls='' tls='' bind_tls='' server_tls='' provider_tls=() proxy_tls=()
fi

if [[ $wanted == *" latency "* ]]; then
  start_provider "$bin/mock-provider" --port 0
  start_relays
  : >"$scratch/results"
  for rate in 40 500; do
    for round in $(seq "$rounds"); do
      for subject in direct nginx haproxy albicilla; do
        "$bin/pace-bench" latency "${port[$subject]}" "$rate" 5 |
          awk -v c="latency-$rate/s" -v s="$subject" '{print c, s, $3, $4, $5, $6}' >>"$scratch/results"
      done
      printf '\rlatency at %s/s: round %d of %d ' "$rate" "$round" "$rounds" >&2
    done
    printf '\n' >&2
  done
  medians "$scratch/results" p50_us p99_us p99.9_us failed x_p50_us x_p99_us
  stop_all
fi

if [[ $wanted == *" streams "* ]]; then
  start_provider "$bin/pace-bench" provider
  start_relays
  : >"$scratch/results"
  declare -A more=()  # KiB that so many streams take
  for streams in 100 1000 4000 9000; do
    for round in $(seq "$rounds"); do
      for subject in direct nginx haproxy albicilla; do
        before=$(cpu "${pid[$subject]}") idle=$(pss_kib "${pid[$subject]}")
        "$bin/pace-bench" streams "${port[$subject]}" "$streams" 60 100 >"$scratch/streams" & client=$!
        sleep 4
        # In later rounds a relay has the memory already that it kept from the first.
        [ "$round" -gt 1 ] || more[$subject]=$(($(pss_kib "${pid[$subject]}") - idle))
        wait "$client"
        sleep 1
        echo "streams-$streams $subject $(cut -d' ' -f2- "$scratch/streams") $before $(cpu "${pid[$subject]}") ${more[$subject]}" |
          awk -v n="$streams" '{printf "%s %s %s %s %s %s %.3f %.1f\n", $1, $2, $4, $5, $6, $7, ($9 - $8) / ($3 + 1) * 10000, $10 / n}' >>"$scratch/results"
        printf '\r%s streams: round %d of %d, %s          ' "$streams" "$round" "$rounds" "$subject" >&2
      done
    done
    printf '\n' >&2
  done
  medians "$scratch/results" p50_us p99_us p99.9_us failed cpu_s/10k KiB/stream x_p50_us x_p99_us x_cpu_s/10k
  stop_all
fi

if [[ $wanted == *" sink "* ]]; then
  echo "sink alone, durable by group commit:"
  "$bin/sink-bench"
fi

if [[ $wanted == *" growth "* ]]; then
  plain_extra=("${proxy_extra[@]}")
  : >"$scratch/results"
  for workers in 1 2 3 4; do
    proxy_extra=("${plain_extra[@]}" --workers "$workers")
    start_provider "$bin/mock-provider" --port 0
    start_relays
    measure nginx 64 "workers-$workers" >>"$scratch/results"
    measure albicilla 64 "workers-$workers" >>"$scratch/results"
    stop_all
    printf '\rworkers: %d ' "$workers" >&2
  done
  printf '\n' >&2
  medians "$scratch/results" requests/s p50_us p99_us errors cpu_s/10k x_requests/s x_cpu_s/10k
  for sessions in 100 10000 100000; do
    printf 'sink, 100,000 records over %d sessions: ' "$sessions"
    "$bin/sink-bench" 2000 100000 "$sessions"
  done
  for records in 10000 100000 400000; do
    printf 'sink, killed after %d records: ' "$records"
    "$bin/sink-bench" 2000 "$records" 100
  done
fi
