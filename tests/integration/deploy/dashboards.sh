#!/usr/bin/env bash
# What deploy/ ships for Prometheus and Grafana against real figures: a real Prometheus scrapes a real
# proxy and sink; every metric that a panel or an alert names exists, every panel's query has figures to
# show, every alert's expression is answered (with nothing, where all is well).
set -euo pipefail
cd "$ALBICILLA_SOURCE_DIR"
bin=$ALBICILLA_BINARY_DIR/bin
dir=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; wait; rm -rf "$dir"' EXIT
fail() { echo "dashboards: $*" >&2; exit 1; }
until_ok() { # seconds, command...
  local end=$((SECONDS + $1)); shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || { tail -n 5 "$dir"/*.log >&2 || true; fail "never: $*"; }
    sleep 0.1
  done
}
free_port() { python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])'; }

promtool check rules deploy/prometheus/alerts.yml
promtool check config --syntax-only deploy/prometheus/prometheus.yml

"$bin/mock-provider" --port 0 >"$dir/mock" & pids+=($!)
until_ok 60 grep -q listening "$dir/mock"
proxy=$(free_port) sink=$(free_port) prometheus=$(free_port)
"$bin/albicilla-sink" --listen "ipc://$dir/sink" --log-root "$dir/logs" --http "127.0.0.1:$sink" \
  --log-level error & pids+=($!)
cat >"$dir/config.yaml" <<'YAML'
prices:
  gpt-4o-mini: {input: 0.15, cached_input: 0.075, output: 0.6}
YAML
printf '{"keys":[{"api_key":"sk-figures","user_id":"ada","active":true}]}' >"$dir/keys.json"
chmod 600 "$dir/keys.json"
"$bin/albicilla-proxy" --config "$dir/config.yaml" --keys-file "$dir/keys.json" --upstream "http://127.0.0.1:$(sed -n 's/.*://p' "$dir/mock")" --host 127.0.0.1 \
  --port "$proxy" --sink "ipc://$dir/sink" --spool-dir "$dir/spool" --log-level error & pids+=($!)
until_ok 60 curl -fsS "http://127.0.0.1:$proxy/readyz"
ask() {
  curl -fsS "http://127.0.0.1:$proxy/v1/chat/completions" -H 'agent-session-id: figures' \
    -H 'Authorization: Bearer sk-figures' -H 'Content-Type: application/json' \
    -d '{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Hello"}]}' >/dev/null
}
for n in 1 2 3; do ask; done

pages() { curl -fsS "http://127.0.0.1:$proxy/metrics" "http://127.0.0.1:$sink/metrics"; }
for port in $proxy $sink; do
  curl -fsS "http://127.0.0.1:$port/metrics" | promtool check metrics || fail "promtool on port $port"
done
jq -r '.panels[].targets[].expr' deploy/grafana/albicilla.json >"$dir/panels"
sed -n 's/^        expr: //p' deploy/prometheus/alerts.yml >"$dir/alerts"
metered() { pages >"$dir/page"; grep -q '^albicilla_cost_total{' "$dir/page"; }
until_ok 60 metered
for name in $(grep -ohE 'albicilla_[a-z_]+' "$dir/panels" "$dir/alerts" | sort -u); do
  base=${name%_bucket}
  grep -q "^# TYPE $base " "$dir/page" || fail "nobody reports $name"
done

sed -e 's/15s/1s/' -e "s|dns_sd_configs:|static_configs:|" \
  -e "s|{names: \[proxy\].*|{targets: ['127.0.0.1:$proxy']}|" \
  -e "s|{names: \[sink\].*|{targets: ['127.0.0.1:$sink']}|" deploy/prometheus/prometheus.yml \
  >"$dir/prometheus.yml"
cp deploy/prometheus/alerts.yml "$dir/"
prometheus --config.file="$dir/prometheus.yml" --storage.tsdb.path="$dir/tsdb" \
  --web.listen-address="127.0.0.1:$prometheus" >"$dir/prometheus.log" 2>&1 & pids+=($!)
query() { curl -fsS -G "http://127.0.0.1:$prometheus/api/v1/query" --data-urlencode "query=$1"; }
both_up() { [ "$(query 'sum(up)' | jq -r '.data.result[0].value[1]')" = 2 ]; }
until_ok 60 both_up
counted() { [ "$(query 'sum(albicilla_requests_total)' | jq -r '.data.result[0].value[1]')" = 3 ]; }
until_ok 60 counted
filled_in() { sed -e 's/\$__rate_interval/1m/g' -e 's/\$__range/1h/g' "$1"; }
answered() { query "$1" | jq -e '.status == "success"'; }
has_figures() { query "$1" | jq -e '.data.result | length > 0'; }
ask  # so that there is a rate of it
while read -r expression; do until_ok 60 has_figures "$expression"; done < <(filled_in "$dir/panels")
while read -r expression; do until_ok 60 answered "$expression"; done < <(filled_in "$dir/alerts")
echo "$(wc -l <"$dir/panels") panels have figures, $(wc -l <"$dir/alerts") alerts are answered"
