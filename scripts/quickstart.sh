#!/usr/bin/env bash
# From a bare Debian 12 to the first logs: installs what is missing, builds an optimised sensor, replays a capture of this repository.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

install_packages "${BUILD_PACKAGES[@]}"
configure build --buildtype=debugoptimized
ninja -C "$root/build" sensor sensor-cut

logs="$root/logs/quickstart"
rm -rf "$logs"
"$root/build/sensor" --pcap "$root"/tests/e2e/captures/*.pcap --log-dir "$logs"

echo
echo "Logs in $logs:"
wc -l "$logs"/*.log
echo
echo "The first connections:"
"$root/build/sensor-cut" id.orig_h id.resp_h id.resp_p service app conn_state <"$logs/conn.log" | head -5
