#!/usr/bin/env bash
# Installs what the tests need, builds everything and runs all tests: checks, unit and end-to-end tests, the same under AddressSanitizer and
# UndefinedBehaviorSanitizer, the threads under ThreadSanitizer, and every fuzz target for FUZZ_SECONDS (default 10) from its corpus.
# Closes with the counts of the tests it ran; exit status 1 when one failed.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

install_packages "${BUILD_PACKAGES[@]}" "${TEST_PACKAGES[@]}"
cd "$root"
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
failed=0

# check NAME COMMAND …: one test that is a command.
check() {
  local name=$1
  shift
  if "$@" >"$results/out" 2>&1; then
    echo "ok    $name"
    echo pass >>"$results/checks"
  else
    echo "FAIL  $name"
    cat "$results/out"
    echo fail >>"$results/checks"
    failed=1
  fi
}
# suite FOLDER [meson test option …]: runs the tests of a build folder and keeps their counts.
suite() {
  local dir=$1
  shift
  echo "== $dir $*"
  meson test -C "$dir" --no-rebuild --print-errorlogs "$@" || failed=1
  cp "$dir/meson-logs/testlog.junit.xml" "$results/$dir.xml"
}

check "module layers" scripts/check_layers.py
mapfile -t sources < <(git ls-files '*.h' '*.cpp')
check "clang-format" clang-format-14 --dry-run -Werror "${sources[@]}"
mapfile -t shell_scripts < <(git ls-files '*.sh' .ci/run)
check "shellcheck" shellcheck -x "${shell_scripts[@]}"

configure build --buildtype=release
meson configure build -Dtests=true -Ddpdk=enabled -Dndpi=enabled
ninja -C build
suite build

export CC=clang-16 CXX=clang++-16
configure build-asan --buildtype=debugoptimized -Dtests=true -Dfuzzers=true -Db_sanitize=address,undefined -Db_lundef=false
ninja -C build-asan
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
suite build-asan --timeout-multiplier 5

configure build-tsan --buildtype=debugoptimized -Dtests=true -Db_sanitize=thread -Db_lundef=false
ninja -C build-tsan
suite build-tsan --timeout-multiplier 10 --suite threads --suite e2e

check "fuzz targets, ${FUZZ_SECONDS:=10} s each" scripts/fuzz.sh build-asan "$FUZZ_SECONDS"

scripts/count_tests.py "$results"
exit $failed
