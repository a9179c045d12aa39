#!/usr/bin/env bash
# fuzz.sh FOLDER SECONDS [TARGET …]: runs fuzz targets (default: all) of a clang build with sanitizers for SECONDS each, one per core at a
# time, from their seed corpora. What they find is kept in FOLDER/findings; exit status 1 when anything was found.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
build=$1 seconds=$2
shift 2
if [ $# -eq 0 ]; then
  for exe in "$build"/tests/fuzz/fuzz_*; do
    if [ -f "$exe" ] && [ -x "$exe" ]; then set -- "$@" "$(basename "$exe" | sed s/^fuzz_//)"; fi
  done
fi
[ $# -gt 0 ] || { echo "no fuzz target in $build/tests/fuzz; configure it with clang and -Dfuzzers=true" >&2; exit 2; }
mkdir -p "$build/findings"

run_one() {
  local root=$1 build=$2 seconds=$3 target=$4
  local corpus="$build/corpus/$target" log="$build/findings/$target.log"
  mkdir -p "$corpus"
  if "$build/tests/fuzz/fuzz_$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="$build/findings/$target-" "$corpus" "$root/tests/fuzz/corpus/$target" >"$log" 2>&1; then
    echo "ok    $target: $(grep -o 'number_of_executed_units: [0-9]*' "$log" | grep -o '[0-9]*') inputs"
  else
    echo "FOUND $target: see $log"
    tail -n 40 "$log"
    return 1
  fi
}
export -f run_one
printf '%s\n' "$@" | xargs -P "$(nproc)" -I{} bash -c 'run_one "$@"' _ "$root" "$build" "$seconds" {}
