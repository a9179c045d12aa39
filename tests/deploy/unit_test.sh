#!/usr/bin/env bash
# unit_test.sh UNIT: systemd understands the unit, and finds it hardened.
set -euo pipefail
command -v systemd-analyze >/dev/null || { echo "systemd-analyze is not installed"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Whatever is not installed here is not what this test is about.
sed 's|^ExecStart=[^ ]*|ExecStart=/bin/true|' "$1" >"$work/sensor@.service"
complaints=$(systemd-analyze verify "$work/sensor@eth1.service" 2>&1 | grep -F 'sensor@' || true)
[ -z "$complaints" ] || { echo "$complaints"; exit 1; }
systemd-analyze security --offline=true --threshold=25 --no-pager "$work/sensor@.service" | tail -n 1
