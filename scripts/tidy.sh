#!/usr/bin/env bash
# tidy.sh FOLDER SECONDS [FILE …]: clang-tidy, with the commands of a clang build folder, over the sources named; without names over all, those
# changed last first, until SECONDS are over. Exit status 1 when something was found.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
folder=$(cd "$1" && pwd)
seconds=$2
shift 2
cd "$root"
if [ $# -eq 0 ]; then
  mapfile -t all < <(git log --format= --name-only -- '*.cpp' | awk 'NF && !seen[$0]++')
  for file in "${all[@]}"; do
    if [ -f "$file" ] && grep -q "/$file\"" "$folder/compile_commands.json"; then set -- "$@" "$file"; fi
  done
fi

check_one() {
  local folder=$1 end=$2 file=$3 out
  [ "$(date +%s)" -lt "$end" ] || return 0
  if out=$(clang-tidy-16 -p "$folder" --quiet "$file" 2>/dev/null); then
    echo "ok    $file"
  else
    echo "FOUND $file"
    echo "$out"
    return 1
  fi
}
export -f check_one
log=$(mktemp)
trap 'rm -f "$log"' EXIT
status=0
printf '%s\n' "$@" | xargs -P "$(nproc)" -I{} bash -c 'check_one "$@"' _ "$folder" "$(($(date +%s) + seconds))" {} >"$log" || status=1
grep -v '^ok ' "$log" || true
echo "$(grep -c '^ok ' "$log" || true) of $# files are clean"
[ "$status" -eq 0 ]
