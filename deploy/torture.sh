#!/usr/bin/env bash
# Lets faults happen to the whole pipeline under load of marked requests and prints one report: faults
# by kind, marked requests, LOST / DUPLICATE / CORRUPT / PHANTOM by the oracle, recovery times. Exit 0
# only when all four are 0 and nothing else was off. tests/fault/README.md says what the kinds are.
#   deploy/torture.sh                          every kind in full: about an hour and a half
#   deploy/torture.sh --minutes 10 --seed 7    as much of each kind as fits
#   deploy/torture.sh --kind kill --faults 50  one kind
#   deploy/torture.sh --help                   the kinds and all flags
# Without root, small file systems are made by a preloaded library and networks break in relays.
set -euo pipefail
cd "$(dirname "$0")/.."

deploy/packages.sh iproute2 iptables
cmake --preset release >/dev/null
cmake --build --preset release --target torture
exec build/release/bin/torture "$@"
