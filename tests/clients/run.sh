#!/usr/bin/env bash
# Runs the tests with real client packages: run.sh [file.test.mjs ...]. Installs the packages first.
# ALBICILLA_BINARY_DIR names the build to test.
set -euo pipefail
cd "$(dirname "$0")"

./install.sh
[ $# -gt 0 ] || set -- ./*.test.mjs
exec node --test --test-concurrency=1 "$@"
