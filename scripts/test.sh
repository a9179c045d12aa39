#!/usr/bin/env bash
# test.sh [PART …]: installs what the tests need, builds what they run, and runs them; quick when run again. Without names: all but docker and tidy.
#   lint      module layers, shellcheck, clang-format
#   gcc       unit and end-to-end tests, gcc
#   live      the sensor on veth links between network namespaces; skipped with a reason where that is not allowed
#   browser   the dashboard in Chromium, against a sensor in a namespace; skipped with a reason where that is not allowed
#   asan      AddressSanitizer and UBSan, clang: unit tests, fuzz targets over their corpora and for FUZZ_SECONDS each (5), replays
#   minimal   without nDPI, DPDK and the dashboard, and with ThreadSanitizer, clang: the unit tests of what threads share and of what is left
#             out, and replays with 4 workers
#   docker    the sensor in containers, on a base that debootstrap makes; skipped with a reason where there is no Docker. Builds all of it again
#   tidy      clang-tidy over what changed last, for TIDY_SECONDS (120)
# Its last line counts the tests; exit status 1 when one failed.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

parts=("$@")
[ ${#parts[@]} -gt 0 ] || parts=(lint gcc live browser asan minimal)
packages=("${BUILD_PACKAGES[@]}" "${TEST_PACKAGES[@]}")
for part in "${parts[@]}"; do
  case "$part" in
    lint) packages+=("${LINT_PACKAGES[@]}") ;;
    live) packages+=("${LIVE_PACKAGES[@]}") ;;
    browser) packages+=("${BROWSER_PACKAGES[@]}" "${LIVE_PACKAGES[@]}") ;;
    docker) packages+=(debootstrap "${LIVE_PACKAGES[@]}") ;;
    asan | minimal | tidy) packages+=("${CLANG_PACKAGES[@]}") ;;
    gcc) ;;
    *) echo "test.sh: there is no part '$part'; its head lists them" >&2; exit 2 ;;
  esac
done
install_packages "${packages[@]}"
cd "$root"
export CCACHE_BASEDIR="$root" CCACHE_NOHASHDIR=1
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
failed=0

# check NAME COMMAND …: one test that is a command.
check() {
  local name=$1 start=$SECONDS
  shift
  if "$@" >"$results/out" 2>&1; then
    echo "ok    $name ($((SECONDS - start)) s)"
    echo pass >>"$results/checks"
  else
    echo "FAIL  $name"
    cat "$results/out"
    echo fail >>"$results/checks"
    failed=1
    return 1
  fi
}
# tap NAME COMMAND …: a program that speaks TAP; each of its tests counts.
tap() {
  local name=$1 start=$SECONDS
  shift
  "$@" >"$results/out" 2>&1 || failed=1
  grep -v '^ok \|^1\.\.' "$results/out" || true
  sed -n '/^ok .*# SKIP/ { s/.*/skip/p; d; }; s/^ok .*/pass/p; s/^not ok .*/fail/p' "$results/out" >>"$results/checks"
  sed -n 's/^ok .*# SKIP/      skipped:/p' "$results/out" | sort -u
  echo "      $name: $(grep '^ok ' "$results/out" | grep -vc '# SKIP' || true) passed ($((SECONDS - start)) s)"
}
# suite FOLDER [meson test option …]: runs the tests of a build folder and keeps their counts.
suite() {
  local dir=$1
  shift
  meson test -C "$dir" --no-rebuild --print-errorlogs "$@" || failed=1
  cp "$dir/meson-logs/testlog.junit.xml" "$results/$dir.xml"
}
# build FOLDER "TARGETS" [meson option …]: sets the folder up, or switches its options, and builds.
build() {
  local dir=$1 targets=$2
  shift 2
  echo "== $dir"
  if [ -f "$dir/build.ninja" ]; then
    check "$dir: configured" meson configure "$dir" "$@"
  else
    check "$dir: configured" configure "$dir" "$@"
  fi || return 1
  # shellcheck disable=SC2086  # several targets
  check "$dir: built" ninja -C "$dir" $targets
}
# A sanitizer's build needs to be fast enough to be used, and to say where it was.
sanitized() {
  local dir=$1 targets=$2 sanitizer=$3
  shift 3
  CC="ccache clang-16" CXX="ccache clang++-16" build "$dir" "$targets" -Doptimization=1 -Ddebug=true -Dcpp_args=-gline-tables-only -Db_lundef=false \
    "-Db_sanitize=$sanitizer" -Dtests=true -Ddashboard=disabled "$@"
}

part_lint() {
  local scripts sources
  check "module layers" scripts/check_layers.py || true
  mapfile -t scripts < <(git ls-files '*.sh' .ci/run)
  check "shellcheck" shellcheck -x "${scripts[@]}" || true
  mapfile -t sources < <(git ls-files '*.h' '*.cpp')
  check "clang-format" clang-format-14 --dry-run -Werror "${sources[@]}" || true
}
part_gcc() {
  build build all --buildtype=debugoptimized -Dtests=true -Ddpdk=enabled -Dndpi=enabled && suite build
}
part_live() {
  build build "sensor sensor-diff sensor-gen dpdk_feed.so" --buildtype=debugoptimized -Dtests=true -Ddpdk=enabled -Dndpi=enabled || return 0
  tap "live" tests/live/run.py build
}
part_browser() {
  build build "sensor sensor-gen" --buildtype=debugoptimized -Dtests=true -Ddpdk=enabled -Dndpi=enabled -Ddashboard=enabled || return 0
  tap "browser" tests/browser/run.py build
}
part_docker() {
  tap "docker" tests/docker/run.py build
}
part_asan() {
  sanitized build-asan all address,undefined -Dfuzzers=true || return 0
  export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
  suite build-asan --suite unit --suite fuzz --timeout-multiplier 5
  check "fuzzing, ${FUZZ_SECONDS:-5} s each" scripts/fuzz.sh build-asan "${FUZZ_SECONDS:-5}" || true
  tap "replays" tests/e2e/run.py --only logs build-asan
  tap "exit statuses" tests/e2e/exit_status.py build-asan
}
part_minimal() {
  local tests=(unit_base unit_output unit_stats unit_dpi unit_app unit_worker)
  sanitized build-minimal "sensor sensor-cut sensor-diff ${tests[*]/#/tests/unit/}" thread -Dndpi=disabled -Ddpdk=disabled || return 0
  export TSAN_OPTIONS=halt_on_error=1
  suite build-minimal --timeout-multiplier 5 "${tests[@]#unit_}"
  tap "replays" tests/e2e/run.py --only workers --workers 4 -- build-minimal
}
part_tidy() {
  sanitized build-asan build.ninja address,undefined -Dfuzzers=true || return 0
  check "clang-tidy" scripts/tidy.sh build-asan "${TIDY_SECONDS:-120}" || true
}

for part in "${parts[@]}"; do
  start=$SECONDS
  case "$part" in
    lint) part_lint ;;
    gcc) part_gcc ;;
    live) part_live ;;
    browser) part_browser ;;
    docker) part_docker ;;
    asan) part_asan ;;
    minimal) part_minimal ;;
    tidy) part_tidy ;;
  esac || true
  echo "== $part took $((SECONDS - start)) s"
done
scripts/count_tests.py "$results"
[ "$failed" -eq 0 ]
