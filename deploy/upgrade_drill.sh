#!/usr/bin/env bash
# The rolling upgrade under load: three proxies behind HAProxy as deploy/lb ships it, one sink, marked
# requests plain and streamed. The sink is replaced first, then one proxy after the other. In the end
# nothing may have been refused, cut, lost, doubled or altered. Exit 0 only then.
#   deploy/upgrade_drill.sh                        this version by itself
#   deploy/upgrade_drill.sh --old DIR              from the programs in DIR (of the version before)
#   deploy/upgrade_drill.sh --requests-a-round N   how many requests each round of load has at least
# Needs haproxy, python3-minimal, curl and jq. ALBICILLA_BINARY_DIR names a build to use as it is.
set -euo pipefail
cd "$(dirname "$0")/.."

old='' round=1500
while [ $# -gt 0 ]; do
  case $1 in
    --old) old=$(realpath "${2:?--old needs a directory}"); shift ;;
    --requests-a-round) round=${2:?--requests-a-round needs a number}; shift ;;
    -h | --help) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "upgrade_drill.sh: unknown argument $1" >&2; exit 2 ;;
  esac
  shift
done
if [ -z "${ALBICILLA_BINARY_DIR:-}" ]; then
  deploy/packages.sh haproxy python3-minimal
  cmake --preset release >/dev/null
  cmake --build --preset release --target albicilla-proxy albicilla-sink mock-provider load-client oracle albicilla-verify
  ALBICILLA_BINARY_DIR=build/release
fi
bin=$(realpath "$ALBICILLA_BINARY_DIR")/bin
old=${old:-$bin}

dir=$(mktemp -d)
declare -A pid
clean_up() {
  kill "${pid[@]}" 2>/dev/null || true
  wait
  rm -rf "$dir"
}
trap clean_up EXIT
fail() { echo "upgrade_drill.sh: $*" >&2; tail -n 5 "$dir"/*.log >&2; exit 1; }
until_ok() { # seconds, command...
  local end=$((SECONDS + $1)); shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || fail "never: $*"
    sleep 0.1
  done
}
free_port() { python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])'; }

"$bin/mock-provider" --port 0 --journal "$dir/provider.journal" >"$dir/mock" & pid[mock]=$!
until_ok 10 grep -q listening "$dir/mock"
provider=$(sed -n 's/.*://p' "$dir/mock")

start_sink() { # directory of programs
  "$1/albicilla-sink" --listen "ipc://$dir/s/sink" --log-root "$dir/logs" --http off \
    >>"$dir/sink.log" 2>&1 & pid[sink]=$!
}
declare -A port
start_proxy() { # number, directory of programs
  "$2/albicilla-proxy" --upstream "http://127.0.0.1:$provider" --host 127.0.0.1 --port "${port[$1]}" \
    --workers 1 --sink "ipc://$dir/s/sink" --spool-dir "$dir/spool$1" >>"$dir/proxy$1.log" 2>&1 &
  pid[proxy$1]=$!
}
end() { # name: asked to stop, it must end well
  kill -TERM "${pid[$1]}"
  wait "${pid[$1]}" || fail "$1 ended with $?"
  unset "pid[$1]"
}

start_sink "$old"
servers=''
for n in 1 2 3; do
  port[$n]=$(free_port)
  start_proxy $n "$old"
  servers+="    server w$n 127.0.0.1:${port[$n]} check\\n"
done
for n in 1 2 3; do until_ok 30 curl -fsS "http://127.0.0.1:${port[$n]}/readyz"; done
front=$(free_port) admin=$(free_port)
sed -e "s/bind :9000/bind 127.0.0.1:$front/" -e "s/127.0.0.1:9998/127.0.0.1:$admin/" \
  -e "s|^    server-template.*|$servers|" deploy/lb/haproxy.cfg >"$dir/haproxy.cfg"
haproxy -db -f "$dir/haproxy.cfg" >"$dir/haproxy.log" 2>&1 & pid[haproxy]=$!
until_ok 20 curl -fsS "http://127.0.0.1:$front/healthz"
# HAProxy's own word for each worker, so that the next one goes only when the last is back.
all_up() { python3 - "$admin" <<'PY'
import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5)
s.sendall(b"show stat\n")
rows = s.makefile().read().splitlines()
up = [r for r in rows if r.startswith("workers,w") and r.split(",")[17] == "UP"]
sys.exit(0 if len(up) == 3 else 1)
PY
}
until_ok 30 all_up

# Load that runs until it is told to end; streams take about a second.
"$bin/load-client" --url "http://127.0.0.1:$front" --connections 24 --requests 100000000 \
  --stream-percent 50 --sessions 40 --prefix drill --mock 'events=10 interval_ms=40 delay_ms=20' \
  --journal "$dir/client.journal" >"$dir/load.out" 2>"$dir/load.log" & pid[load]=$!
more_load() {
  local before now
  before=$(wc -l <"$dir/client.journal")
  until now=$(wc -l <"$dir/client.journal"); [ $((now - before)) -ge "$round" ]; do
    kill -0 "${pid[load]}" || fail "the load has ended"
    sleep 0.2
  done
}
until_ok 10 test -s "$dir/client.journal"
more_load
echo "replacing the sink"
end sink
start_sink "$bin"
more_load
for n in 1 2 3; do
  echo "replacing proxy $n"
  end proxy$n
  start_proxy $n "$bin"
  until_ok 30 curl -fsS "http://127.0.0.1:${port[$n]}/readyz"
  until_ok 30 all_up
  more_load
done
kill -TERM "${pid[load]}"
wait "${pid[load]}" || true
unset 'pid[load]'
for n in 1 2 3; do end proxy$n; done
end sink
# Whatever a spool still holds would be a loss to the oracle.
cat "$dir/load.out"
bad=$(jq -c 'select(.sent and (.refused or (.complete | not) or .status != 200))' "$dir/client.journal" | wc -l)
requests=$(wc -l <"$dir/client.journal")
"$bin/oracle" --client "$dir/client.journal" --provider "$dir/provider.journal" --log-root "$dir/logs" ||
  fail "the log is not what was said"
if [ "$bad" -ne 0 ]; then
  jq -c 'select(.sent and (.refused or (.complete | not) or .status != 200))' "$dir/client.journal" | head -3 >&2
  fail "$bad of $requests requests were refused or cut"
fi
if [ -x "$bin/albicilla-verify" ]; then
  "$bin/albicilla-verify" "$dir/logs" >"$dir/verify.log" || [ $? -eq 2 ] || fail "albicilla-verify: $?"
fi
echo "upgrade: $requests requests, 0 refused, 0 lost"
