#!/usr/bin/env bash
# Runs the store contract, the uploader and the sink itself against Azurite, Microsoft's own Azure Blob
# emulator (npm; the lock file's version): also one with an expired certificate and one on a full
# disk. ALBICILLA_BINARY_DIR names the build to test.
set -euo pipefail
cd "$(dirname "$0")"
build=$(realpath "${ALBICILLA_BINARY_DIR:-../../../build/release}")

exec 9>.install.lock
flock 9
if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  npm ci
  touch node_modules/.package-lock.json
fi
exec 9>&-

# The small disk is mounted in a namespace of our own and goes with it.
if [ -z "${ALBICILLA_OWN_MOUNTS:-}" ]; then
  ALBICILLA_OWN_MOUNTS=yes exec unshare --map-root-user --mount "$PWD/azurite.sh" "$@"
fi

scratch=$(mktemp -d)
servers=()
clean_up() {
  [ ${#servers[@]} -eq 0 ] || kill "${servers[@]}" 2>/dev/null || true
  wait
  umount "$scratch/small" 2>/dev/null || true
  rm -rf "$scratch"
}
trap clean_up EXIT

# The port may be taken by somebody between choosing and binding: then once more.
start_server() { # directory, scheme, further words; sets $port
  local directory=$1 scheme=$2 server
  shift 2
  mkdir -p "$directory"
  for _ in 1 2 3 4 5; do
    port=$((20000 + RANDOM % 20000))
    node_modules/.bin/azurite-blob --silent --location "$directory" --blobHost 127.0.0.1 \
      --blobPort "$port" --skipApiVersionCheck "$@" >"$scratch/out" 2>&1 &
    server=$!
    servers+=("$server")
    for _ in $(seq 200); do
      if curl -sk -o /dev/null "$scheme://127.0.0.1:$port/"; then return; fi
      kill -0 "$server" 2>/dev/null || break
      sleep 0.1
    done
  done
  cat "$scratch/out" >&2
  exit 1
}

# Account and key of every emulator, as its documentation prints them.
export STORE=azure_blob STORE_ACCOUNT=devstoreaccount1
export STORE_KEY=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==
export STORE_ROOM=proxy-logs
start_server "$scratch/blobs" http
export STORE_ENDPOINT=http://127.0.0.1:$port/devstoreaccount1

certificate=$("$build/bin/real-store-test" --expired-certificate "$scratch")
key=$scratch/key.pem
start_server "$scratch/expired" https --cert "$certificate" --key "$key"
export STORE_EXPIRED_ENDPOINT=https://127.0.0.1:$port/devstoreaccount1 STORE_EXPIRED_CA=$certificate

mkdir "$scratch/small"
mount -t tmpfs -o size=3m none "$scratch/small"
start_server "$scratch/small" http
export STORE_FULL_ENDPOINT=http://127.0.0.1:$port/devstoreaccount1
export STORE_MAKE_ROOM="mount -o remount,size=256m $scratch/small"

"$build/bin/real-store-test" "$@"
"$build/bin/sink-store-test" "$@"

# A predecessor's .env beside the proxy is enough: its blob stands at the container's root.
mkdir "$scratch/work"
cd "$scratch/work"
"$build/bin/mock-provider" --port 0 >"$scratch/mock" & servers+=($!)
until grep -qs listening "$scratch/mock"; do sleep 0.05; done
port=$((20000 + RANDOM % 20000))
cat >.env <<ENV
OPENAI_API_KEY=sk-upstream
OPENAI_BASE_URL=http://127.0.0.1:$(sed -n 's/.*://p' "$scratch/mock")
PROXY_PORT=$port
STORAGE_TYPE=azure
AZURE_STORAGE_ACCOUNT_NAME=$STORE_ACCOUNT
AZURE_STORAGE_ACCOUNT_KEY=$STORE_KEY
AZURE_STORAGE_CONTAINER=$STORE_ROOM
AZURE_STORAGE_ENDPOINT=$STORE_ENDPOINT
ENV
"$build/bin/albicilla-proxy" >"$scratch/proxy" 2>&1 & servers+=($!)
ask() {
  curl -fsS "http://127.0.0.1:$port/v1/chat/completions" -H 'Content-Type: application/json' \
    -d '{"model":"gpt-4","messages":[{"role":"user","content":"Hello!"}]}' >/dev/null 2>&1
}
blob=gpt-4_$(date -u +%Y%m%d).jsonl
for count in 1 2 3; do
  for _ in $(seq 200); do ask && break; sleep 0.1; done
  for _ in $(seq 400); do
    [ "$(cat "logs/$blob" 2>/dev/null | wc -l)" -ge $count ] &&
      "$build/bin/real-store-test" --compare "$blob" "logs/$blob" && continue 2
    sleep 0.1
  done
  cat "$scratch/proxy" >&2
  echo "azurite.sh: the blob $blob is not what logs/$blob holds" >&2
  exit 1
done
echo "STORAGE_TYPE=azure: $blob has the bytes of its file"
