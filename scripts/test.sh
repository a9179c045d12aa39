#!/usr/bin/env bash
# Installs what the tests need, builds everything and runs all tests: module layers, shellcheck and the unit tests.
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
mapfile -t shell_scripts < <(git ls-files '*.sh' .ci/run)
check "shellcheck" shellcheck -x "${shell_scripts[@]}"

configure build --buildtype=debugoptimized
meson configure build -Dtests=true -Ddpdk=enabled -Dndpi=enabled
ninja -C build
suite build

scripts/count_tests.py "$results"
exit $failed
