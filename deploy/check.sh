#!/usr/bin/env bash
# Everything that deploy/test.sh does not do on every change: format, tidy, sanitizers, fuzzers.
#   deploy/check.sh                 all of it
#   deploy/check.sh format tidy     only these steps: format tidy asan tsan fuzz
# FUZZ_SECONDS (default 60) is the time for each fuzz target.
set -euo pipefail
cd "$(dirname "$0")/.."
deploy/packages.sh clang clang-format clang-tidy strace nginx-light
deploy/node.sh

sources() { git ls-files 'common/*.h' 'common/*.cc' 'proxy/*.h' 'proxy/*.cc' 'sink/*.h' 'sink/*.cc' \
  'converter/*.h' 'converter/*.cc' 'tests/*.h' 'tests/*.cc'; }

check_format() { sources | xargs clang-format --dry-run --Werror; }

check_tidy() {
  cmake --preset dev >/dev/null
  cmake --build --preset dev
  sources | grep '\.cc$' | grep -v '^tests/' |
    xargs -P "$(nproc)" -n 4 clang-tidy --quiet -p build/dev
}

# Unit and integration tests; what tests/fault does with files and processes needs builds without a sanitizer's runtime.
# Every process writes its report into a file, so that one of a restarted worker is not overlooked.
check_sanitizer() { # preset, targets (all of them when none is named)
  local preset=$1 reports=$PWD/build/$1/reports status=0
  shift
  cmake --build --preset "$preset" ${1:+--target "$@"}
  rm -rf "$reports" && mkdir -p "$reports"
  ASAN_OPTIONS=log_path=$reports/asan UBSAN_OPTIONS=print_stacktrace=1:log_path=$reports/ubsan \
    TSAN_OPTIONS=log_path=$reports/tsan:suppressions=$PWD/deploy/tsan.supp ctest --preset "$preset" -j "$(nproc)" || status=$?
  if [ -n "$(ls "$reports")" ]; then
    printf '%s: sanitizer reports, expected none\n' "$reports" && head -n 40 "$reports"/*
    return 1
  fi
  return "$status"
}

check_asan() {
  cmake --preset asan >/dev/null
  check_sanitizer asan
}

# What has threads, and the pipeline that hostile bytes reach; tests that were not built have no label and do not run.
check_tsan() {
  local threaded='unit\.(proxy\.(outbox|control|traffic)|sink|converter\.viewer)\.[a-z_.]+_test'
  threaded+='|integration\.(hostile_(requests|upstreams)|canaries|control|pipeline|relay|several_sinks|sink)_test'
  local targets
  cmake --preset tsan >/dev/null
  mapfile -t targets < <(cmake --build --preset tsan --target help | grep -oE "^($threaded)" | sort -u)
  check_sanitizer tsan "${targets[@]}"
}

check_fuzz() {
  # Clang 14, Debian 12's own, cannot build coroutines under AddressSanitizer; 16 stands beside it. The
  # runtime libraries are a package of their own.
  local version
  version=$(clang -dumpversion | cut -d. -f1)
  [ "$version" -ge 16 ] || version=16
  deploy/packages.sh "clang-$version" "libclang-rt-$version-dev"
  FUZZ_CLANG=$version tests/fuzz/run.sh
}

steps=("$@")
[ ${#steps[@]} -gt 0 ] || steps=(format tidy asan tsan fuzz)
for step in "${steps[@]}"; do
  printf '== %s\n' "$step"
  "check_$step"
done
