#!/usr/bin/env bash
# replay.sh [-n ROUNDS] [-o OUT.json] [-s SENSOR] FILE: what it costs to replay a capture file, beside other programs on the same file.
#
# Every round runs each program once, one after the other, so that a busy moment of the machine falls on all of them; the figures are
# medians over the rounds (default 5). CPU is user + system time of all threads. `sensor` runs with its defaults: all logs, labels on.
# A program that fails is named with its exit status, and its figures are left out. Peers that are missing are installed with apt.
# SENSOR_ARGS: further arguments for sensor.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../scripts/lib.sh"

rounds=5 out='' sensor=''
while getopts n:o:s: option; do
  case $option in
    n) rounds=$OPTARG ;;
    o) out=$OPTARG ;;
    s) sensor=$OPTARG ;;
    *) sed -n '2p' "$0" >&2; exit 2 ;;
  esac
done
shift $((OPTIND - 1))
if [ $# -ne 1 ] || [ ! -r "$1" ]; then
  echo "usage: replay.sh [-n ROUNDS] [-o OUT.json] [-s SENSOR] FILE (a readable capture file)" >&2
  exit 2
fi
file=$(realpath "$1")

install_packages "${BUILD_PACKAGES[@]}" "${BENCH_PACKAGES[@]}" libndpi-bin nfdump softflowd time python3
configure build-bench --buildtype=release -Dbenchmarks=true
build() { ninja -C "$root/build-bench" "$@" >"$root/build-bench/build.log" || { cat "$root/build-bench/build.log" >&2; exit 1; }; }
build bench/pcap_loop
if [ -z "$sensor" ]; then
  build sensor
  sensor="$root/build-bench/sensor"
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat "$file" >/dev/null # from here on the file is in the page cache for everyone
packets=$("$root/build-bench/bench/pcap_loop" "$file" | cut -d' ' -f1)
export PATH="$PATH:/usr/sbin"

# measure NAME COMMAND …: appends "name status user system wall_s peak_kb" to the results; the command's first run is written down.
measure() {
  local name=$1 status=0
  shift
  rm -rf "$work/out"
  mkdir "$work/out"
  grep -q "^$name	" "$work/commands" 2>/dev/null || printf '%s\t%s\n' "$name" "${*//$work/TMP}" >>"$work/commands"
  /usr/bin/time -q -o "$work/time" -f "%U %S %e %M" timeout 900 "$@" >"$work/stdout" 2>"$work/stderr" || status=$?
  if [ "$status" -ne 0 ]; then
    echo "$name failed with status $status: $*" >&2
    tail -n 3 "$work/stderr" >&2
  fi
  echo "$name $status $(tail -n 1 "$work/time")" >>"$work/results"
}

for ((round = 1; round <= rounds; round++)); do
  # shellcheck disable=SC2086  # SENSOR_ARGS is a list
  measure sensor "$sensor" --pcap "$file" --log-dir "$work/out" --quiet ${SENSOR_ARGS:-}
  measure ndpiReader ndpiReader -q -i "$file"
  measure nfpcapd nfpcapd -r "$file" -w "$work/out"
  measure softflowd softflowd -d -r "$file" -n 127.0.0.1:9995 -c none -p "$work/out/pid"
  measure pcap_loop "$root/build-bench/bench/pcap_loop" "$file"
  echo "round $round of $rounds" >&2
done

python3 "$root/bench/replay_table.py" "$file" "$packets" "$work/results" "$work/commands" ${out:+"$out"}
