#!/usr/bin/env bash
# Builds the Debian package of this tree: package.sh [PRESET]; says where it is. Manual pages are made
# from the programs' own --help.
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${1:-release}

deploy/packages.sh help2man dpkg-dev file
cmake --preset "$preset"
programs=(albicilla-proxy albicilla-sink albicilla-conv albicilla-verify albicilla-view)
cmake --build --preset "$preset" --target "${programs[@]}"
mkdir -p "build/$preset/man"
for program in "${programs[@]}"; do
  about=$("build/$preset/bin/$program" --help | sed -n '1s/[:;.,].*//p; 1!d')
  help2man --no-info --no-discard-stderr --name "$about" --output "build/$preset/man/$program.1" \
    "build/$preset/bin/$program"
done
(cd "build/$preset" && cpack -G DEB >cpack.out) || { cat "build/$preset/cpack.out" >&2; exit 1; }
ls "build/$preset"/albicilla_*.deb
