#!/usr/bin/env bash
# Runs the store contract and the kill test against Azurite, Microsoft's own Azure Blob emulator
# (npm; the lock file's version). ALBICILLA_BINARY_DIR names the build to test.
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

scratch=$(mktemp -d)
azurite=
clean_up() {
  if [ -n "$azurite" ]; then
    kill "$azurite" 2>/dev/null || true
    wait "$azurite" 2>/dev/null || true
  fi
  rm -rf "$scratch"
}
trap clean_up EXIT

# The port may be taken by somebody between choosing and binding: then once more.
for _ in 1 2 3 4 5; do
  port=$((20000 + RANDOM % 20000))
  node_modules/.bin/azurite-blob --silent --location "$scratch" --blobHost 127.0.0.1 --blobPort "$port" \
    --skipApiVersionCheck >"$scratch/out" 2>&1 &
  azurite=$!
  for _ in $(seq 100); do
    if curl -s -o /dev/null "http://127.0.0.1:$port/"; then break 2; fi
    kill -0 "$azurite" 2>/dev/null || break
    sleep 0.1
  done
done
kill -0 "$azurite" || { cat "$scratch/out" >&2; exit 1; }

# Account and key of every emulator, as its documentation prints them.
export STORE=azure_blob STORE_ENDPOINT=http://127.0.0.1:$port/devstoreaccount1 STORE_ACCOUNT=devstoreaccount1
export STORE_KEY=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==
export STORE_ROOM=proxy-logs
"$build/bin/real-store-test" "$@"
