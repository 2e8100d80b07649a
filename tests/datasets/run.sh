#!/usr/bin/env bash
# Runs the tests that read datasets with others' libraries: run.sh [SUITE.test.mjs ...]. Installs the
# packages of the lock file when they are missing or older than it. ALBICILLA_BINARY_DIR names the
# build to test.
set -euo pipefail
cd "$(dirname "$0")"

exec 9>.install.lock
flock 9
if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  # Not npm ci: it wants the packages of every platform in the lock file, not only of this one.
  npm install --no-save --no-audit --no-fund
  touch node_modules/.package-lock.json
fi
exec 9>&-

[ $# -gt 0 ] || set -- ./*.test.mjs
exec node --test --test-concurrency=1 "$@"
