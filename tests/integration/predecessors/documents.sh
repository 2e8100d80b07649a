#!/usr/bin/env bash
# Every command, .env, YAML and request that the five documents of the predecessors print, as they are
# printed: the same ports, the same upstream names, curl and the OpenAI and Anthropic packages. Only a
# program's name is ours. That is possible in a network of its own, where api.openai.com is
# the mock provider behind TLS. Python's examples: tests/clients/python.sh. The docker lines need
# an engine: deploy/docker.
set -euo pipefail
source=${ALBICILLA_SOURCE_DIR:-$(realpath "$(dirname "$0")/../../..")}
if [ -z "${ALBICILLA_OWN_NETWORK:-}" ]; then
  "$source/tests/clients/install.sh"
  ALBICILLA_OWN_NETWORK=yes exec unshare --map-root-user --net --mount "$(realpath "$0")" "$@"
fi
export PATH=$(realpath "${ALBICILLA_BINARY_DIR:-$source/build/release}")/bin:$PATH
clients=$source/tests/clients
dir=$(mktemp -d)
pids=()
proxy=''
clean_up() {
  kill $proxy "${pids[@]}" 2>/dev/null || true
  wait
  umount /etc/hosts 2>/dev/null || true
  rm -rf "$dir"
}
trap clean_up EXIT
fail() { echo "documents: $*" >&2; tail -n 20 proxy.out >&2 || true; exit 1; }
until_ok() { # seconds, command...
  local end=$((SECONDS + $1)); shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || fail "never: $*"
    sleep 0.1
  done
}

# --- the world: one host, on which the provider has its own name and certificate
ip link set lo up
printf '127.0.0.1 localhost api.openai.com llmapi.bilibili.co\n' >"$dir/hosts"
mount --bind "$dir/hosts" /etc/hosts
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=api.openai.com \
  -addext 'subjectAltName=DNS:api.openai.com' -keyout "$dir/key.pem" -out "$dir/cert.pem" 2>"$dir/openssl"
export SSL_CERT_FILE=$dir/cert.pem
mock-provider --port 443 --tls-cert "$dir/cert.pem" --tls-key "$dir/key.pem" --journal "$dir/journal" \
  >"$dir/mock.out" & pids+=($!)
mock-provider --port 80 --journal "$dir/journal80" >"$dir/mock80.out" & pids+=($!)
until_ok 10 grep -q listening "$dir/mock.out"
until_ok 10 grep -q listening "$dir/mock80.out"

# A document's program in a directory of its own; everything behind the name is the document's.
begin() { # title
  echo "# $1"
  mkdir -p "$dir/work"
  cd "$dir/work"
}
run() { # port, then assignments and the command
  local port=$1; shift
  env "$@" >proxy.out 2>&1 & proxy=$!
  until_ok 20 curl -fsS "http://127.0.0.1:$port/readyz"
}
end() {
  kill -TERM "$proxy"
  wait "$proxy" || fail "ended with $?"
  proxy=''
  cd "$dir"
  rm -rf "$dir/work"
}
has_lines() { [ "$(cat "$2"/*/*.jsonl "$2"/*.jsonl 2>/dev/null | wc -l)" -ge "$1" ]; }
script() { # stdin: a JavaScript example; run beside the packages
  local file=$clients/.document-$$.mjs
  cat >"$file"
  OPENAI_API_KEY=sk-real node "$file" || { rm -f "$file"; fail "the JavaScript example"; }
  rm -f "$file"
}

openai_example() { # the document's, to the letter
  script <<'JS'
import OpenAI from "openai";

const client = new OpenAI({
  apiKey: process.env.OPENAI_API_KEY,
  baseURL: "http://127.0.0.1:9000/v1",
});

const result = await client.chat.completions.create({
  model: "gpt-4o-mini",
  messages: [{ role: "user", content: "Ping" }],
});
console.log(result.choices[0].message);
JS
}
langchain_example() { # the Python one with the same package for JavaScript
  script <<'JS'
import { ChatOpenAI } from "@langchain/openai";

const llm = new ChatOpenAI({
  model: "gpt-4o-mini",
  apiKey: process.env.OPENAI_API_KEY,
  configuration: { baseURL: "http://127.0.0.1:9000/v1" },
});
const response = await llm.invoke("Summarize today's weather");
if (!response.content) throw new Error("no content");
JS
}
curl_example_a() {
  curl -sS -X POST http://localhost:9000/v1/chat/completions \
    -H "Content-Type: application/json" \
    -d '{
    "model": "gpt-4o-mini",
    "messages": [{"role": "user", "content": "Hello!"}]
  }'
}

# --- predecessor A
begin "A: the command"
run 9000 albicilla-proxy --upstream https://api.openai.com --log-root ./proxy_logs --host 127.0.0.1 --port 9000
curl_example_a | jq -e '.error.message == "Missing required session header."' >/dev/null ||
  fail "session headers are enforced by default"
end
begin "A: --no-require-session-header, with the clients of the document"
run 9000 albicilla-proxy --upstream https://api.openai.com --log-root ./proxy_logs --host 127.0.0.1 --port 9000 \
  --no-require-session-header --allow-bearer-token-fallback
curl_example_a | jq -e '.choices[0].message.content' >/dev/null || fail "the curl example"
openai_example | grep -q "role: 'assistant'" || fail "the OpenAI example"
langchain_example
OPENAI_API_BASE=http://127.0.0.1:9000/v1 sh -c 'curl -fsS "$OPENAI_API_BASE/models"' >/dev/null
until_ok 20 has_lines 4 proxy_logs
jq -se 'map(keys_unsorted[:4] == ["timestamp","session_id","request","response"]) | all' \
  proxy_logs/*/*.jsonl >/dev/null || fail "the members of a line"
end
begin "A: the variables"
export PROXY_UPSTREAM_ENDPOINT=https://api.openai.com
export PROXY_DEFAULT_MODEL=gpt-4o-mini
export PROXY_LOG_ROOT=./proxy_logs
export PROXY_HOST=127.0.0.1
export PROXY_PORT=9000
export PROXY_VERBOSE=false
export PROXY_SESSION_HEADER=agent-session-id
export PROXY_REQUIRE_SESSION_HEADER=true
export PROXY_ALLOW_BEARER_FALLBACK=false
run 9000 albicilla-proxy
[ "$(curl_example_a | jq -r .required_headers[0])" = agent-session-id ] || fail "the variables"
end
for name in ${!PROXY_@}; do unset "$name"; done
begin "A, older: the command, and the converter's four"
run 9000 albicilla-proxy --upstream-endpoint https://api.openai.com --log-root ./proxy_logs --host 127.0.0.1 --port 9000
for session in one two; do
  curl -fsS http://localhost:9000/v1/chat/completions -H "agent-session-id: $session" \
    -H "Content-Type: application/json" \
    -d '{"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hello!"}]}' >/dev/null
done
until_ok 20 has_lines 2 proxy_logs
albicilla-conv --logs ./proxy_logs --output ./output >/dev/null
ls output/20??-??-??/*.jsonl >/dev/null || fail "no directory for the day"
albicilla-conv --logs ./proxy_logs --output ./output --single-file >/dev/null
[ "$(wc -l <output/conversations.jsonl)" -eq 2 ] || fail "conversations.jsonl"
albicilla-conv --logs ./proxy_logs --output ./output --no-json-tool-calls >/dev/null
albicilla-conv --logs ./proxy_logs --output ./output -v >/dev/null 2>verbose
[ -s verbose ] || fail "-v says nothing on stderr"
end
begin "A, older: its variables"
run 9000 PROXY_UPSTREAM_ENDPOINT=https://api.openai.com PROXY_LOG_ROOT=./proxy_logs PROXY_HOST=127.0.0.1 \
  PROXY_PORT=9000 albicilla-proxy
end

# --- predecessor B
begin "B: cp .env.example .env, with a key"
cp "$source/deploy/.env.example" .env
cat >>.env <<'ENV'
OPENAI_API_KEY=sk-upstream
PROXY_PORT=8000
STORAGE_TYPE=local
LOCAL_LOG_DIR=logs
ENV
run 8000 albicilla-proxy
curl -fsS http://localhost:8000/health | jq -e '.status == "healthy"' >/dev/null || fail "/health"
curl -fsS http://localhost:8000/ | jq -e .service >/dev/null || fail "GET /"
curl -fsS http://localhost:8000/v1/chat/completions -H 'Content-Type: application/json' \
  -d '{"model":"gpt-4","stream":true,"messages":[{"role":"user","content":"Hi"}]}' | grep -q DONE || fail "a stream"
until_ok 20 test -s "logs/gpt-4_$(date -u +%Y%m%d).jsonl"
jq -e '.request.path == "/v1/chat/completions" and .response.status_code == 200 and .response.streaming' \
  logs/gpt-4_*.jsonl >/dev/null || fail "the line of $(ls logs)"
tail -n 1 "$dir/journal" | grep -q 'Bearer sk-upstream' || fail "the key was not injected"
end
begin "B: port 8888 of its container"
run 8888 OPENAI_BASE_URL=https://api.openai.com OPENAI_API_KEY=sk-upstream PROXY_PORT=8888 albicilla-proxy
curl -fsS http://localhost:8888/health >/dev/null
end

# --- predecessor C
begin "C: its .env"
cat >.env <<'ENV'
UPSTREAM_BASE_URL=https://api.openai.com/v1
DATA_DIR=./data
ADMIN_TOKEN=my-secret-admin-token-123
PORT=8866
MAX_LOG_CHUNKS=50
MAX_LOG_FIELD_SIZE=2000
FULL_TRACE_LOGGING=false
ENV
run 8866 albicilla-proxy --host 0.0.0.0 --port 8866
curl -fsS http://localhost:8866/healthz | jq -e .ok >/dev/null || fail /healthz
upsert() { # token
  curl -sS -o upsert.out -w '%{http_code}' -X POST http://localhost:8866/admin/keys/upsert \
    -H "Content-Type: application/json" \
    -H "x-admin-token: $1" \
    -d '{
    "api_key": "bsk-xxx",
    "user_id": "alice",
    "active": true
  }'
}
[ "$(upsert your-secure-admin-token-here)" = 403 ] || fail "a wrong token"
[ "$(upsert my-secret-admin-token-123)" = 200 ] || fail "the upsert"
jq -e '.keys[0].user_id == "alice" and .keys[0].active' data/keys.json >/dev/null || fail keys.json
script <<'JS'
import OpenAI from "openai";
import Anthropic from "@anthropic-ai/sdk";
const openai = new OpenAI({ baseURL: "http://localhost:8866/v1", apiKey: "bsk-xxx" });
const ask = { model: "gpt-4", messages: [{ role: "user", content: "Hello!" }] };
const response = await openai.chat.completions.create(ask);
if (!response.choices[0].message.content) throw new Error("plain");
let text = "";
for await (const chunk of await openai.chat.completions.create({ ...ask, stream: true })) {
  text += chunk.choices[0]?.delta.content ?? "";
}
if (!text) throw new Error("streamed");
const anthropic = new Anthropic({ baseURL: "http://localhost:8866", apiKey: "bsk-xxx" });
const want = { model: "claude-3-opus-20240229", max_tokens: 1024, messages: [{ role: "user", content: "Hello!" }] };
const message = await anthropic.messages.create(want);
if (!message.content[0].text) throw new Error("message");
const final = await anthropic.messages.stream(want).finalMessage();
if (!final.content[0].text) throw new Error("message stream");
JS
until_ok 20 sh -c '[ "$(wc -l <data/events.jsonl)" -ge 4 ]'
jq -se '(map(.user_id == "alice" and .status_code == 200) | all) and
  (map(.protocol) | unique == ["anthropic_messages","openai_chat"]) and
  (.[0] | keys_unsorted == ["request_id","protocol","client_app","user_id","upstream_id","model","started_at_ms",
    "ended_at_ms","latency_ms","status_code","error","prompt","response","usage"])' data/events.jsonl >/dev/null ||
  fail "events.jsonl: $(head -c 600 data/events.jsonl)"
end
begin "C: another port"
run 8866 UPSTREAM_BASE_URL=http://llmapi.bilibili.co/v1 PORT=8866 albicilla-proxy --host 0.0.0.0
end

# --- predecessor D
curl_example_d() { # further members
  curl -sS -X POST http://localhost:3000/v1/chat/completions \
    -H "Content-Type: application/json" \
    -d '{"model": "gpt-3.5-turbo", "messages": [{"role": "user", "content": "Hello!"}]'"$1"'}'
}
yaml() {
  cat >config.yaml <<'YAML'
# config.yaml
server:
  port: 3000
  host: "0.0.0.0"

llm:
  base_url: "https://api.openai.com"
  type: "openai"
  api_key: "sk-your-key-here"

middlewares:
  - type: "trace"
    enabled: true
    config:
      directory: "./traces"
      include_headers: true
      include_body: true
      max_body_size: 1048576  # 1MB
  - type: "printer"
    enabled: true
    config:
      log_requests: true
      log_responses: true
      log_body: false

session:
  enabled: true
  max_sessions: 10000
  session_ttl_seconds: 3600
YAML
}
begin "D: the command"
run 3000 albicilla-proxy --base-url https://api.openai.com --type openai --api-key sk-your-key --port 3000
[ "$(curl -sS -o health -w '%{http_code}' http://localhost:3000/health)" = 200 ] || fail /health
curl -fsS http://localhost:3000/v1/chat/completions -H 'agent-session-id: s' -H 'Content-Type: application/json' \
  -d '{"model": "gpt-3.5-turbo", "messages": [{"role": "user", "content": "Hello!"}]}' >/dev/null
end
begin "D: the file, its two requests, /metrics and /config"
yaml
albicilla-proxy --validate-config config.yaml >/dev/null
run 3000 albicilla-proxy --config config.yaml
curl_example_d '' | jq -e '.choices[0].message.content' >/dev/null || fail "plain"
curl_example_d ', "stream": true' | grep -q '^data: \[DONE\]' || fail "streamed"
curl -fsS http://localhost:3000/metrics -H 'Accept: application/json' |
  jq -e '.albicilla_sessions_active >= 0 and .albicilla_session_hits_total >= 0' >/dev/null || fail /metrics
curl -fsS http://localhost:3000/config | jq -e '.middlewares[0].type == "trace"' >/dev/null || fail /config
until_ok 20 sh -c '[ "$(ls traces/trace-*.json | wc -l)" -eq 2 ]'
jq -se 'map(.request.method == "POST" and .response.status_code == 200 and .response.body != null) | all' \
  traces/trace-*.json >/dev/null || fail "the traces"
until_ok 20 grep -q 'POST /v1/chat/completions' proxy.out
end
begin "D: an example file, the variables of its container, development mode"
albicilla-proxy --generate-config example.yaml >/dev/null
albicilla-proxy --validate-config example.yaml >/dev/null
run 3000 LLM_BASE_URL=https://api.openai.com LLM_TYPE=openai LLM_API_KEY=sk-your-key-here LOG_LEVEL=INFO \
  albicilla-proxy --port 3000
end
begin "D: development mode"
yaml
run 3000 albicilla-proxy --config config.yaml --reload --port 3000
end
echo "all as documented"
