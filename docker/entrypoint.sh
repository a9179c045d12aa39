#!/bin/sh
# entrypoint.sh live [OPTION …]: captures from SENSOR_INTERFACE, logs in /logs.
# entrypoint.sh pcap: replays what is in /pcaps and what comes, logs in /logs/FILE.
# entrypoint.sh once FILE: replays one file.
# entrypoint.sh health: whether the one of them that runs does its work.
# entrypoint.sh …: any other command of the sensor.
set -eu
logs=/logs

may_write() {
  [ -w "$logs" ] && return 0
  echo "user $(id -u) may not write to the volume $logs; on the host: chown $(id -u) LOG_DIRECTORY, or set SENSOR_UID to its owner" >&2
  exit 2
}

case "${1:-}" in
  live)
    shift
    may_write
    exec sensor --log-dir "$logs" "$@"
    ;;
  pcap)
    may_write
    exec watch_pcaps.sh /pcaps "$logs"
    ;;
  once)
    may_write
    exec watch_pcaps.sh --once "$2" "$logs"
    ;;
  health)
    # The watcher of a folder touches a file every second; a live sensor answers.
    if grep -q watch_pcaps /proc/1/cmdline; then
      [ $(($(date +%s) - $(stat -c %Y "$logs/.watching"))) -lt 10 ]
    else
      sensor status --log-dir "$logs" >/dev/null
    fi
    ;;
  *) exec sensor "$@" ;;
esac
