#!/usr/bin/env bash
# The containers under load: marked requests, plain and streamed, go through the balancer over three
# workers into one sink. Meanwhile a worker, the sink and the balancer are killed, the workers are
# scaled to five and back; then everything goes down and up again with its volumes. In the end the
# oracle joins what the client, the provider and the log say. Exit 0 only when nothing is lost,
# doubled, altered or invented, the log verifies, and only the balancer could be reached from outside.
#   deploy/docker/drill.sh                 builds the images first
#   deploy/docker/drill.sh --no-build      with the images that are there
#   deploy/docker/drill.sh --requests N    at least so many, 20000 by default
# Needs Docker with Compose v2. Its project is its own: volumes of yours stay untouched.
# ALBICILLA_BINARY_DIR names a build whose load-client, oracle and albicilla-verify are used as they are.
set -euo pipefail
cd "$(dirname "$0")/../.."

build=1 requests=20000
while [ $# -gt 0 ]; do
  case $1 in
    --no-build) build=0 ;;
    --requests) requests=${2:?--requests needs a number}; shift ;;
    -h | --help) sed -n '2,12s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "drill.sh: unknown argument $1" >&2; exit 2 ;;
  esac
  shift
done
if [ -z "${ALBICILLA_BINARY_DIR:-}" ]; then
  deploy/packages.sh
  cmake --preset release >/dev/null
  cmake --build --preset release --target load-client oracle albicilla-verify
  ALBICILLA_BINARY_DIR=build/release
fi
bin=$(realpath "$ALBICILLA_BINARY_DIR")/bin dir=$(mktemp -d) project=albicilla-drill
export ALBICILLA_PORT=${ALBICILLA_PORT:-$((20000 + RANDOM % 20000))}
url=http://127.0.0.1:$ALBICILLA_PORT

compose() {
  docker compose -p $project -f deploy/docker/compose.yaml -f deploy/docker/compose.demo.yaml \
    -f deploy/docker/drill.yaml "$@"
}
clean_up() {
  compose down -v -t 5 >/dev/null 2>&1 || true
  rm -rf "$dir"
}
trap clean_up EXIT
fail() { echo "drill.sh: $*" >&2; exit 1; }
until_ready() {
  local end=$((SECONDS + 120))
  until curl -fsS "$url/readyz" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || fail "never ready: $(compose ps --all)"
    sleep 0.5
  done
}
kill_and_start() { # service: as a host or an engine would lose it
  echo "kill $1"
  docker kill -s KILL "$project-$1-1" >/dev/null
  sleep 2
  docker start "$project-$1-1" >/dev/null
}
scale() {
  echo "scale to $1 workers"
  compose up -d --no-build --no-recreate --scale "proxy=$1" >/dev/null 2>&1
}

compose down -v -t 5 >/dev/null 2>&1 || true
[ $build = 0 ] || compose build
compose up -d --no-build >/dev/null 2>&1 || fail "up: $(compose ps --all)"
until_ready

published=$(docker ps --filter "label=com.docker.compose.project=$project" \
  --format '{{.Label "com.docker.compose.service"}} {{.Ports}}' | sed -n 's/^\([a-z]*\) .*->.*/\1/p')
[ "$published" = lb ] || fail "reachable from outside: $published; expected: lb"

# Load that runs until it is told to end, so that none of the events comes too late for it.
"$bin/load-client" --url "$url" --connections 32 --requests 100000000 --stream-percent 40 \
  --sessions 200 --prefix drill --mock "events=6 interval_ms=10" --timeout-ms 60000 \
  --journal "$dir/client.jsonl" >"$dir/load" 2>&1 &
load=$!
sleep 5; kill_and_start proxy
sleep 3; kill_and_start sink
sleep 3; scale 5
sleep 3; kill_and_start lb
sleep 3; scale 3
until [ "$(wc -l <"$dir/client.jsonl")" -ge "$requests" ]; do
  kill -0 $load 2>/dev/null || fail "the load has failed: $(cat "$dir/load")"
  sleep 0.5
done
kill -TERM $load
wait $load || true
tail -n 1 "$dir/load"

echo "down and up again"
compose down -t 60 >/dev/null 2>&1
compose up -d --no-build >/dev/null 2>&1
until_ready
left() { # records that the workers' shared spool still holds
  compose exec -T proxy curl -fsS http://127.0.0.1:9000/metrics |
    awk '$1 ~ /^albicilla_records_unacknowledged/ {n += $2} END {print n + 0}'
}
for _ in $(seq 120); do [ "$(left)" != 0 ] || break; sleep 0.5; done
sleep 16  # workers look for slots that scaling down has left every 15 s
for _ in $(seq 120); do [ "$(left)" != 0 ] || break; sleep 0.5; done
compose stop -t 60 sink >/dev/null 2>&1

docker cp "$project-sink-1:/app/proxy_logs" "$dir/logs" >/dev/null
docker cp "$project-provider-1:/journal/provider.jsonl" "$dir/" >/dev/null
"$bin/oracle" --client "$dir/client.jsonl" --provider "$dir/provider.jsonl" --log-root "$dir/logs" ||
  fail "the oracle has found faults"
"$bin/albicilla-verify" "$dir/logs" | tail -n 2
[ "${PIPESTATUS[0]}" = 0 ] || fail "the log does not verify"
echo "drill.sh: nothing lost, doubled, altered or invented"
