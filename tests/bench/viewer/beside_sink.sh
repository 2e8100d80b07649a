#!/usr/bin/env bash
# Does a viewer that tails the log slow the sink down? Records are piled up in a worker's spool while the
# sink is stopped; then it takes them as fast as it can, alone or beside a viewer. Rounds alternate, and
# so does who goes first, since a machine is never equally fast twice.
#   tests/bench/viewer/beside_sink.sh [ROUNDS [RECORDS]]
# ALBICILLA_BINARY_DIR names the build (build/release).
set -euo pipefail
cd "$(dirname "$0")/../../.."
build=$(realpath "${ALBICILLA_BINARY_DIR:-build/release}")
rounds=${1:-5}
records=${2:-20000}
scratch=$(mktemp -d)
. tests/bench/viewer/wait_for.sh
children=()
stop_children() {
  for child in "${children[@]}"; do kill -CONT "$child" 2>/dev/null && kill "$child" 2>/dev/null || true; done
  for child in "${children[@]}"; do wait "$child" 2>/dev/null || true; done
  children=()
}
trap 'stop_children; rm -rf "$scratch"' EXIT

until_answers() { # URL
  for _ in $(seq 600); do
    curl -fsS -o /dev/null "$1" 2>/dev/null && return
    sleep 0.1
  done
  echo "beside_sink.sh: nothing answers at $1" >&2
  return 1
}

accepted() { curl -fsS "http://127.0.0.1:$status_port/metrics" | sed -nE 's/^albicilla_sink_records_total ([0-9]+).*/\1/p'; }
cpu_of() { awk '{print ($14 + $15) / 100}' "/proc/$1/stat"; }

# drain with|without: one round, one line in $scratch/<with or without>: records a second, CPU seconds
# of the sink, CPU seconds of the viewer.
drain() {
  local home sink proxy view port begin end before before_view=0 after_view=0
  home=$scratch/round
  mkdir -m 700 "$home"  # the sink makes its sockets in no other
  status_port=$((15000 + RANDOM % 17000))  # below those that the kernel gives to clients
  port=$((status_port + 1))
  "$build/bin/mock-provider" --port 0 >"$home/mock.out" &
  children+=($!)
  "$build/bin/albicilla-sink" --listen "ipc://$home/records" --ack-listen "ipc://$home/acks" --log-root "$home/log" \
    --http "127.0.0.1:$status_port" 2>"$home/sink.err" &
  sink=$!
  children+=("$sink")
  until_answers "http://127.0.0.1:$status_port/metrics"
  "$build/bin/albicilla-proxy" --upstream "http://$(wait_for "$home/mock.out" 'listening on (.*)')" --host 127.0.0.1 \
    --port "$port" --workers 1 --sink "ipc://$home/records" --sink-ack "ipc://$home/acks" --spool-dir "$home/spool" \
    --log-level error 2>"$home/proxy.err" &
  proxy=$!
  children+=("$proxy")
  until_answers "http://127.0.0.1:$port/readyz"
  if [ "$1" = with ]; then
    "$build/bin/albicilla-view" --logs "$home/log" --index-dir "$home/index" --port 0 --log-level error >"$home/view.out" &
    view=$!
    children+=("$view")
    wait_for "$home/view.out" ':([0-9]+)\/' >/dev/null
  fi
  kill -STOP "$sink"
  "$build/bin/load-client" --url "http://127.0.0.1:$port" --connections 16 --requests "$records" --stream-percent 50 >/dev/null
  before=$(cpu_of "$sink")
  [ "$1" = without ] || before_view=$(cpu_of "$view")
  begin=$(date +%s%N)
  kill -CONT "$sink"
  until [ "$(accepted)" -ge "$records" ]; do sleep 0.02; done
  end=$(date +%s%N)
  [ "$1" = without ] || after_view=$(cpu_of "$view")
  awk -v n="$records" -v ns="$((end - begin))" -v cpu="$(cpu_of "$sink")" -v before="$before" \
    -v view="$(echo "$after_view - $before_view" | bc)" \
    'BEGIN {printf "%.0f %.2f %.2f\n", n / ns * 1e9, cpu - before, view}' | tee -a "$scratch/$1" |
    sed "s/^\(.*\) \(.*\) \(.*\)$/$(printf '%-8s' "$1") \1 records\/s, CPU time: \2 s of the sink, \3 s of the viewer/"
  stop_children
  rm -rf "$home"
}

median() { cut -d' ' -f"$2" "$scratch/$1" | sort -n | sed -n "$(((rounds + 1) / 2))p"; }

for round in $(seq "$rounds"); do
  if [ $((round % 2)) = 1 ]; then order='without with'; else order='with without'; fi
  for one in $order; do drain "$one"; done
done
awk -v with="$(median with 1)" -v without="$(median without 1)" \
  'BEGIN {printf "median: %d records/s alone, %d beside a viewer: %+.1f %%\n", without, with, (with / without - 1) * 100}'
# A machine that drifts from round to round moves both halves of a pair.
paste "$scratch/without" "$scratch/with" |
  awk '{sum += log($4 / $1)} END {printf "mean of the pairs: %+.1f %%\n", (exp(sum / NR) - 1) * 100}'
