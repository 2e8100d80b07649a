#!/usr/bin/env bash
# The Python examples of the predecessors' documents, to the letter, with the packages of Debian's
# unstable distribution in a directory of its own. Needs root, debootstrap and a mirror; some minutes and
# 700 MB the first time. By hand, because of that:
#   ALBICILLA_BINARY_DIR=build/release tests/clients/python.sh [DIRECTORY]
set -euo pipefail
cd "$(dirname "$0")/../.."
bin=$(realpath "${ALBICILLA_BINARY_DIR:-build/release}")/bin
root=$(realpath -m "${1:-build/python}")
deploy/packages.sh debootstrap
mirror=$(awk '/^URIs:/ {print $2; exit}' /etc/apt/sources.list.d/debian.sources)
in_root() { chroot "$root" "$@"; }
if [ ! -e "$root/ready" ]; then
  rm -rf "$root"
  debootstrap --variant=minbase sid "$root" "$mirror" >"$root.log"
  cp /etc/resolv.conf "$root/etc/"
  in_root apt-get -o Acquire::Check-Valid-Until=false update -qq
  in_root apt-get install -y -qq --no-install-recommends ca-certificates \
    python3-openai python3-anthropic >>"$root.log" 2>&1
  touch "$root/ready"
fi

# A network of our own, so that the examples' ports are free and their own.
if [ -z "${ALBICILLA_OWN_NETWORK:-}" ]; then
  ALBICILLA_OWN_NETWORK=yes exec unshare --net --mount "$PWD/tests/clients/python.sh" "$root"
fi
ip link set lo up
mount --bind /dev "$root/dev"
mount -t proc none "$root/proc"
dir=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; wait; rm -rf "$dir"' EXIT
"$bin/mock-provider" --port 8000 >"$dir/mock" & pids+=($!)
cd "$dir"
start() { # port, words
  local port=$1; shift
  "$bin/albicilla-proxy" --upstream http://127.0.0.1:8000 --host 127.0.0.1 --port "$port" --workers 1 "$@" \
    >>"$dir/proxy.out" 2>&1 & pids+=($!)
  for _ in $(seq 200); do curl -fsS "http://127.0.0.1:$port/readyz" >/dev/null 2>&1 && return; sleep 0.1; done
  cat "$dir/proxy.out" >&2
  exit 1
}
python() {
  cat >"$root/tmp/example.py"
  in_root env -i PATH=/usr/bin:/bin HOME=/root OPENAI_API_KEY=sk-real python3 /tmp/example.py
}

echo "# A: OpenAI SDK (Python)"
start 9000 --no-require-session-header --log-root "$dir/a"
python <<'PY'
import os
from openai import OpenAI

client = OpenAI(
    base_url="http://127.0.0.1:9000/v1",
    api_key=os.environ["OPENAI_API_KEY"],
)

completion = client.chat.completions.create(
    model="gpt-4o-mini",
    messages=[{"role": "user", "content": "Ping"}],
)
print(completion.choices[0].message.content)
PY

echo "# C: openai and anthropic, plain and streamed"
mkdir data
printf '{"keys":[{"api_key":"bsk-xxx","user_id":"alice","active":true}]}' >data/keys.json
start 8866 --keys-file data/keys.json --log-root "$dir/c"
python <<'PY'
import openai

client = openai.OpenAI(
    base_url="http://localhost:8866/v1",
    api_key="bsk-xxx"  # Your registered API key
)

response = client.chat.completions.create(
    model="gpt-4",
    messages=[{"role": "user", "content": "Hello!"}]
)
print(response.choices[0].message.content)

stream = client.chat.completions.create(
    model="gpt-4",
    messages=[{"role": "user", "content": "Hello!"}],
    stream=True
)

for chunk in stream:
    if chunk.choices[0].delta.content:
        print(chunk.choices[0].delta.content, end="")
print()
PY
python <<'PY'
import anthropic

client = anthropic.Anthropic(
    base_url="http://localhost:8866",
    api_key="bsk-xxx"  # Your registered API key
)

message = client.messages.create(
    model="claude-3-opus-20240229",
    max_tokens=1024,
    messages=[{"role": "user", "content": "Hello!"}]
)
print(message.content[0].text)

with client.messages.stream(
    model="claude-3-opus-20240229",
    max_tokens=1024,
    messages=[{"role": "user", "content": "Hello!"}]
) as stream:
    for text in stream.text_stream:
        print(text, end="")
print()
PY
lines() { cat "$dir/$1"/*/*.jsonl 2>/dev/null | wc -l; }
for _ in $(seq 100); do [ "$(lines a)" -eq 1 ] && [ "$(lines c)" -eq 4 ] && break; sleep 0.1; done
[ "$(lines a)" -eq 1 ] && [ "$(lines c)" -eq 4 ] || { echo "python.sh: $(lines a) and $(lines c) lines" >&2; exit 1; }
echo "all as documented"
