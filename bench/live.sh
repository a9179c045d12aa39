#!/usr/bin/env bash
# live.sh [-s SENSOR] [af_packet] [dpdk]: how fast the sensor reads live packets, beside other programs; both parts unless one is named.
#
#   af_packet  over a veth link between two namespaces, two generators on the same cores: the highest rate without loss, and what is
#              lost when they send as fast as they can, beside tcpdump that writes to /dev/null and softflowd
#   dpdk       out of memory through a port of net_ring, one worker: packets per second of the worker's CPU, the CPU of the whole sensor
#              beside ndpiReader on the same packets, and the rate of dpdk-testpmd (rxonly) on the same port; medians of five runs
#
# All logs and labels are on. Takes root (namespaces), 8 GB of memory and some minutes. A machine that does other things meanwhile shows in
# the rates, less in the CPU times. Peers that are missing are installed with apt.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../scripts/lib.sh"

sensor=''
while getopts s: option; do
  case $option in
    s) sensor=$(realpath "$OPTARG") ;;
    *) sed -n '2p' "$0" >&2; exit 2 ;;
  esac
done
shift $((OPTIND - 1))
[ "$(id -u)" -eq 0 ] || { echo "live.sh makes network namespaces: run it as root" >&2; exit 2; }

install_packages "${BUILD_PACKAGES[@]}" "${LIVE_PACKAGES[@]}" "${BENCH_PACKAGES[@]}" libndpi-bin softflowd python3
configure build-bench --buildtype=release -Dbenchmarks=true
ninja -C "$root/build-bench" sensor sensor-gen dpdk_feed.so >"$root/build-bench/build.log" || { cat "$root/build-bench/build.log" >&2; exit 1; }
export PATH="$PATH:/usr/sbin"
exec python3 "$root/bench/live_rates.py" "$root/build-bench" "${sensor:-$root/build-bench/sensor}" "$@"
