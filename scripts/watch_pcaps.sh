#!/usr/bin/env bash
# watch_pcaps.sh DIR LOGS: replays every capture file in DIR into LOGS/FILE/, then those that come, until it is ended by SIGTERM.
# watch_pcaps.sh --once FILE LOGS: replays one file.
# A file is read when it has not changed for a second, and again when it is another one later. LOGS/FILE appears when it is whole;
# messages.txt in it is what the sensor said. LOGS/.watching is touched every second, for whoever wants to know that this runs.
set -euo pipefail

sensor=${SENSOR_PROGRAM:-sensor}
child=
# The sensor writes what is open, and then we end as well.
trap '[ -z "$child" ] || { kill -TERM "$child"; wait "$child"; }; exit 0' TERM INT

# What tells one version of a file from another.
version_of() { stat -Lc '%s %Y %i' "$1" 2>/dev/null; }

beat() { touch "$logs/.watching"; }

# replay FILE VERSION: fails when the sensor did.
replay() {
  local file=$1 version=$2 name out status=0
  name=$(basename "$file")
  out="$logs/.$name.partial"
  rm -rf "$out"
  mkdir -p "$out"
  "$sensor" --pcap "$file" --log-dir "$out" >"$out/messages.txt" 2>&1 &
  child=$!
  while kill -0 "$child" 2>/dev/null; do beat; sleep 0.2; done
  wait "$child" || status=$?
  child=
  sed -i "s|$out|$logs/$name|g" "$out/messages.txt"
  echo "$version" >"$out/.version"
  rm -rf "${logs:?}/$name"
  mv "$out" "$logs/$name"
  if [ "$status" -eq 0 ]; then
    echo "$name: logs in $logs/$name"
  else
    echo "$name: $(grep '^sensor:' "$logs/$name/messages.txt" | tail -n 1), exit status $status"
  fi
  return "$status"
}

watch() {
  local file name version
  local -A seen=()
  while beat; do
    for file in "$1"/*; do
      [ -f "$file" ] || continue
      name=$(basename "$file")
      version=$(version_of "$file") || continue
      [ "$version" != "$(cat "$logs/$name/.version" 2>/dev/null || true)" ] || continue
      if [ "${seen[$name]:-}" = "$version" ]; then replay "$file" "$version" || true; fi
      seen[$name]=$version
    done
    # In the background, so that a signal is heard at once.
    sleep 1 &
    wait $! || true
  done
}

once=false
[ "${1:-}" != --once ] || { once=true; shift; }
[ $# -eq 2 ] || { sed -n '2,/^set /{ /^set /d; s/^# \{0,1\}//; p; }' "$0" >&2; exit 2; }
logs=$2
if ! { mkdir -p "$logs" && beat; } 2>/dev/null; then
  echo "watch_pcaps.sh: user $(id -u) may not write to $logs; give it to that user: chown $(id -u) PATH" >&2
  exit 2
fi
if "$once"; then
  [ -r "$1" ] || { echo "watch_pcaps.sh: there is no file $1 that can be read" >&2; exit 2; }
  version=$(version_of "$1")
  status=0
  replay "$1" "$version" || status=$?
  cat "$logs/$(basename "$1")/messages.txt"
  exit "$status"
fi
watch "$1"
