#!/bin/sh
# The command lines and exit statuses of sensor-cut ($1) and sensor-diff ($2).
set -u
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
failed=0
expect() { # what, wanted status, command...
  what=$1 wanted=$2
  shift 2
  "$@" >"$dir/out" 2>"$dir/err"
  got=$?
  [ "$got" -eq "$wanted" ] && return
  echo "$what: exit status $got, not $wanted"
  cat "$dir/out" "$dir/err"
  failed=1
}
expect_output() { # what, wanted text
  [ "$(cat "$dir/out")" = "$2" ] && return
  echo "$1: unexpected output:"
  cat "$dir/out"
  failed=1
}

mkdir "$dir/a" "$dir/b" "$dir/c" "$dir/broken"
header='#separator \x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n#fields\tts\tuid\thistory\n#types\ttime\tstring\tstring\n'
# shellcheck disable=SC2059  # the header holds escapes
printf "$header"'1.500000\tC1\tShAD\n2.000000\tC2\t-\n' >"$dir/a/conn.log"
# shellcheck disable=SC2059
printf "$header"'2.000000\tX9\t-\n1.500000\tX8\tShAD\n' >"$dir/b/conn.log"
printf '{"ts":1.5,"uid":"J1","history":"ShAR"}\n{"ts":2.0,"uid":"J2"}\n' >"$dir/c/conn.log"
printf '{"ts":' >"$dir/broken/conn.log"

expect 'equal logs' 0 "$2" "$dir/a" "$dir/b"
expect_output 'equal logs' ''
expect 'different logs' 1 "$2" "$dir/a" "$dir/c"
expect 'different but ignored' 0 "$2" --ignore history "$dir/a" "$dir/c"
expect 'missing log' 1 "$2" "$dir/a" "$dir/broken/.."
expect 'missing directory' 2 "$2" "$dir/a" "$dir/nowhere"
expect 'damaged log' 2 "$2" "$dir/a" "$dir/broken"
expect 'one argument' 2 "$2" "$dir/a"
expect 'unknown option' 2 "$2" --no-such "$dir/a" "$dir/b"
expect 'diff --help' 0 "$2" --help

expect 'cut from a file' 0 "$1" history ts -f "$dir/a/conn.log"
expect_output 'cut from a file' "$(printf 'ShAD\t1.500000\n-\t2.000000')"
expect 'cut with UTC times' 0 "$1" -u -F ' ' ts uid -f "$dir/a/conn.log"
expect_output 'cut with UTC times' "$(printf '1970-01-01T00:00:01+0000 C1\n1970-01-01T00:00:02+0000 C2')"
expect 'cut a missing file' 2 "$1" ts -f "$dir/nowhere"
expect 'cut with an unknown option' 2 "$1" --no-such
expect 'cut damaged JSON' 1 "$1" ts -f "$dir/broken/conn.log"
"$1" uid <"$dir/c/conn.log" >"$dir/out"
expect_output 'cut JSON from standard input' "$(printf 'J1\nJ2')"
exit $failed
