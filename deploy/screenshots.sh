#!/usr/bin/env bash
# Makes the pictures of the viewer that the README shows, from the invented log of the page's tests:
#   deploy/screenshots.sh [DIR]        default converter/viewer/screenshots
# Installs a browser and the fonts when they are missing. ALBICILLA_BINARY_DIR names the build.
set -euo pipefail
cd "$(dirname "$0")/.."
out=$(realpath -m "${1:-converter/viewer/screenshots}")

deploy/packages.sh chromium fonts-inter fonts-jetbrains-mono fonts-sil-charis
deploy/node.sh
export ALBICILLA_BINARY_DIR=${ALBICILLA_BINARY_DIR:-$PWD/build/release}
if [ ! -x "$ALBICILLA_BINARY_DIR/bin/albicilla-view" ]; then
  cmake --preset release >/dev/null
  cmake --build --preset release --target albicilla-view albicilla-conv
fi
cd tests/clients/viewer
[ -e node_modules/.package-lock.json ] || npm ci --no-audit --no-fund
mkdir -p "$out"
exec node screenshots.mjs "$out"
