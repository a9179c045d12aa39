#!/usr/bin/env bash
# unit_test.sh UNIT EXPOSURE: systemd understands the unit, and finds it hardened: its exposure is not above EXPOSURE (0 to 100).
set -euo pipefail
command -v systemd-analyze >/dev/null || { echo "systemd-analyze is not installed"; exit 77; }
unit=$(basename "$1") instance=$(basename "${1/@./@eth1.}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Whatever is not installed here is not what this test is about.
sed 's|^ExecStart=[^ ]*|ExecStart=/bin/true|' "$1" >"$work/$unit"
complaints=$(systemd-analyze verify "$work/$instance" 2>&1 | grep -F "${unit%%[@.]*}" || true)
[ -z "$complaints" ] || { echo "$complaints"; exit 1; }
systemd-analyze security --offline=true --threshold="$2" --no-pager "$work/$unit" | tail -n 1
