#!/usr/bin/env bash
# The test command: installs what is missing, builds with warnings as errors, runs every test and
# closes with ctest's summary. CI calls exactly this. Arguments go to ctest (for example -L unit).
set -euo pipefail
cd "$(dirname "$0")/.."

deploy/packages.sh nginx-light haproxy prometheus python3-minimal strace chromium iproute2 iptables
deploy/node.sh
cmake --preset ci
cmake --build --preset ci
exec ctest --preset ci -j "$(nproc)" "$@"
