#!/usr/bin/env bash
# The balancer configurations of deploy/lb as they are shipped, in front of two real proxies: plain
# and streamed answers come through both, a drained worker gets no new request, /metrics stays inside.
set -euo pipefail
cd "$ALBICILLA_SOURCE_DIR"
bin=$ALBICILLA_BINARY_DIR/bin
dir=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; wait; rm -rf "$dir"' EXIT
fail() { echo "balancers: $*" >&2; exit 1; }
until_ok() { # seconds, command...
  local end=$((SECONDS + $1)); shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || { tail -n 5 "$dir"/*.log >&2; fail "never: $*"; }
    sleep 0.1
  done
}
free_port() { python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])'; }
ask() { # port, session, stream
  curl -fsS -m 20 "http://127.0.0.1:$1/v1/chat/completions" -H "agent-session-id: $2" \
    -H 'Content-Type: application/json' \
    -d "{\"model\":\"gpt-4o-mini\",\"stream\":$3,\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}"
}

"$bin/mock-provider" --port 0 >"$dir/mock" & pids+=($!)
until_ok 10 grep -q listening "$dir/mock"
provider=$(sed -n 's/.*://p' "$dir/mock")
ports=()
for n in 1 2; do
  ports+=("$(free_port)")
  "$bin/albicilla-proxy" --upstream "http://127.0.0.1:$provider" --host 127.0.0.1 \
    --port "${ports[-1]}" --workers 1 --log-root "$dir/logs$n" --log-level error & pids+=($!)
done
first=${pids[1]}
for port in "${ports[@]}"; do until_ok 20 curl -fsS "http://127.0.0.1:$port/readyz"; done
lines() { cat "$dir"/logs*/*/"$1".jsonl 2>/dev/null | wc -l; }
has_lines() { [ "$(lines "$1")" -eq "$2" ]; }

echo "# HAProxy"
front=$(free_port)
admin=$(free_port)
# The template of containers becomes two named addresses; the rest stays as shipped.
sed -e "s/bind :9000/bind 127.0.0.1:$front/" -e "s/127.0.0.1:9998/127.0.0.1:$admin/" \
  -e "s|^    server-template.*|    server w1 127.0.0.1:${ports[0]} check\n    server w2 127.0.0.1:${ports[1]} check|" \
  deploy/lb/haproxy.cfg >"$dir/haproxy.cfg"
ALBICILLA_WORKERS=localhost haproxy -c -q -f deploy/lb/haproxy.cfg || fail "haproxy.cfg is not valid"
haproxy -db -f "$dir/haproxy.cfg" >"$dir/haproxy.log" 2>&1 & pids+=($!)
until_ok 20 curl -fsS "http://127.0.0.1:$front/healthz"
for n in $(seq 10); do
  ask "$front" "ha-$n" false | jq -e '.choices[0].message.content' >/dev/null || fail "plain answer $n"
  ask "$front" "ha-stream" true | grep -q '^data: \[DONE\]' || fail "streamed answer $n"
done
until_ok 20 has_lines ha-stream 10
[ "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$front/metrics")" = 404 ] ||
  fail "/metrics can be read through the balancer"
files=("$dir"/logs*/*/ha-stream.jsonl)
[ ${#files[@]} -eq 1 ] || fail "one session went to both workers"

echo "# nginx"
nginx_port=$(free_port)
{
  echo "pid $dir/nginx.pid; error_log $dir/nginx.err; daemon off;"
  echo "events {} http { access_log off;"
  for place in client_body proxy fastcgi uwsgi scgi; do echo "${place}_temp_path $dir/$place;"; done
  sed -e "s/listen 9000/listen 127.0.0.1:$nginx_port/" -e "s/127.0.0.1:9001/127.0.0.1:${ports[0]}/" \
    -e "s/127.0.0.1:9002/127.0.0.1:${ports[1]}/" deploy/lb/nginx.conf
  echo "}"
} >"$dir/nginx.conf"
nginx -c "$dir/nginx.conf" & pids+=($!)
until_ok 20 curl -fsS "http://127.0.0.1:$nginx_port/healthz"
for n in $(seq 10); do
  ask "$nginx_port" ng-plain false | jq -e '.choices[0].message.content' >/dev/null || fail "plain $n"
  ask "$nginx_port" ng-stream true | grep -q '^data: \[DONE\]' || fail "streamed $n"
done
until_ok 20 has_lines ng-stream 10
until_ok 20 has_lines ng-plain 10

echo "# a worker that drains, under load, through HAProxy"
(for n in $(seq 60); do ask "$front" drain false >/dev/null && echo ok || echo refused; sleep 0.05; done) \
  >"$dir/drain" &
load=$!
sleep 1
kill -TERM "$first"
wait $load
grep -q refused "$dir/drain" && fail "$(grep -c refused "$dir/drain") of 60 requests were refused while a worker drained"
until_ok 20 has_lines drain 60
echo "all as it should be"
