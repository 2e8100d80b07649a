#!/usr/bin/env bash
# Runs the tests of the viewer's page in a real Chromium: run.sh [file.test.mjs ...]. Installs what is
# missing: the browser from Debian, playwright-core from the lock file. ALBICILLA_BINARY_DIR names
# the build to test.
set -euo pipefail
cd "$(dirname "$0")"

[ -n "${CHROMIUM:-}" ] || command -v chromium >/dev/null || ../../../deploy/packages.sh chromium
exec 9>.install.lock
flock 9
if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  npm ci --no-audit --no-fund
  touch node_modules/.package-lock.json
fi
exec 9>&-

[ $# -gt 0 ] || set -- ./*.test.mjs
exec node --test --test-concurrency=1 "$@"
