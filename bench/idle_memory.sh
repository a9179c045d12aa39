#!/usr/bin/env bash
# idle_memory.sh [CONNECTIONS]: bytes of memory that an idle connection costs the sensor: what a million of them (default) take, less what a
# thousand take, while the sensor waits for more packets. Half are TLS after the handshake, half are HTTP between two requests; every
# connection has its label.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../scripts/lib.sh"
connections=${1:-1000000}

install_packages "${BUILD_PACKAGES[@]}" "${BENCH_PACKAGES[@]}"
configure build-bench --buildtype=release -Dbenchmarks=true
ninja -C "$root/build-bench" sensor sensor-gen >/dev/null
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# resident_kb CONNECTIONS: of the sensor when it has read them all from a pipe that is still open.
resident_kb() {
  mkfifo "$work/pipe"
  "$root/build-bench/sensor" --pcap "$work/pipe" --log-dir "$work/logs" --quiet --workers 1 &
  local sensor=$! before=-1 now=0
  exec 3>"$work/pipe"
  "$root/build-bench/sensor-gen" --profile idle --connections "$1" --quiet --out - >&3
  while [ "$now" -ne "$before" ]; do
    sleep 2
    before=$now
    now=$(awk '/^VmRSS/ { print $2 }' "/proc/$sensor/status")
  done
  exec 3>&-
  wait "$sensor"
  rm -r "$work/pipe" "$work/logs"
  echo "$now"
}

few=$(resident_kb 1000)
many=$(resident_kb "$connections")
echo "$connections idle connections: $many kB, 1000: $few kB, $(((many - few) * 1024 / (connections - 1000))) bytes a connection"
