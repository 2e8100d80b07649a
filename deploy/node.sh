#!/usr/bin/env bash
# Makes sure of a Node.js of at least version 18 and npm, which the tests with real client packages
# need: Debian's packages when there is none.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

major=$(node --version 2>/dev/null | sed -E 's/^v([0-9]+).*/\1/' || true)
if [ "${major:-0}" -lt 18 ]; then "$here/packages.sh" nodejs; fi
command -v npm >/dev/null || "$here/packages.sh" npm
