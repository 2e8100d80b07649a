#!/usr/bin/env bash
# Installs the client packages of the lock file here when they are missing or older than it; several
# may ask at once.
set -euo pipefail
cd "$(dirname "$0")"

exec 9>.install.lock
flock 9
if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  npm ci --no-audit --no-fund
  touch node_modules/.package-lock.json
fi
