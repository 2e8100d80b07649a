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

# Every process writes its report into a file, so that one of a restarted worker is not overlooked.
check_sanitizer() { # preset
  local reports=$PWD/build/$1/reports status=0
  cmake --preset "$1" >/dev/null
  cmake --build --preset "$1"
  rm -rf "$reports" && mkdir -p "$reports"
  ASAN_OPTIONS=log_path=$reports/asan UBSAN_OPTIONS=print_stacktrace=1:log_path=$reports/ubsan \
    TSAN_OPTIONS=log_path=$reports/tsan ctest --preset "$1" -j "$(nproc)" || status=$?
  if [ -n "$(ls "$reports")" ]; then
    printf '%s: sanitizer reports, expected none\n' "$reports" && head -n 40 "$reports"/*
    return 1
  fi
  return "$status"
}
check_asan() { check_sanitizer asan; }
check_tsan() { check_sanitizer tsan; }

check_fuzz() {
  # The compiler's runtime libraries are a package of their own.
  deploy/packages.sh "libclang-rt-$(clang -dumpversion | cut -d. -f1)-dev"
  tests/fuzz/run.sh
}

steps=("$@")
[ ${#steps[@]} -gt 0 ] || steps=(format tidy asan tsan fuzz)
for step in "${steps[@]}"; do
  printf '== %s\n' "$step"
  "check_$step"
done
