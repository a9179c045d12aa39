#!/usr/bin/env bash
# From a bare Debian 12 to the first logs and the dashboard: installs what is missing, builds an optimised sensor, replays captures of this
# repository. On a terminal it then serves the page with these captures until Ctrl-C; elsewhere it says how.
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

# The page works on copies: what is uploaded there stays out of the repository.
page="$root/logs/dashboard"
mkdir -p "$page/pcaps"
cp "$root"/tests/e2e/captures/*.pcap "$page/pcaps"
serve=("$root/build/sensor" serve --log-dir "$page" --set "api.pcap_dir=$page/pcaps")
echo
if [ -t 1 ]; then
  echo "The dashboard; Ctrl-C ends it. The token to log in with is in the file that is named below: cat $page/api.token"
  exec "${serve[@]}" --pcap "$page"/pcaps/*.pcap
fi
echo "The dashboard, with these captures: ${serve[*]} --pcap $page/pcaps/*.pcap"
