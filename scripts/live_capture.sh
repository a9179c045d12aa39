#!/usr/bin/env bash
# live_capture.sh [--docker] COMMAND: the sensor in the background, on this machine or in a container.
#   interfaces              what there is to capture from
#   start-live [IF]         capture from IF (otherwise SENSOR_INTERFACE, or the interface of the default route)
#   start-pcap [FILE|DIR]   replay one file now, or every file of a folder (SENSOR_PCAP_DIR, ./pcaps) and those that are put there later
#   stop                    end what was started; everything that is open is written
#   status                  what runs, and what it says of itself
#   logs live|pcap          messages, and the last rows of the logs
# Where a sensor serves ('sensor serve', with its logs in SENSOR_LOG_DIR), these commands tell it what to do.
# Logs are in SENSOR_LOG_DIR (./logs): live/, and pcap/FILE/. On a machine with systemd where 'meson install' has put the unit, start-live
# starts sensor@IF.service; its logs are in /var/log/sensor/IF. SENSOR_PROGRAM names a sensor other than build/sensor or the one in PATH.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
logs=$(realpath -m "${SENSOR_LOG_DIR:-logs}")
pcaps=$(realpath -m "${SENSOR_PCAP_DIR:-pcaps}")
unset SENSOR_LOG_DIR
readonly START_SECONDS=10 STOP_SECONDS=15 HEALTH_SECONDS=60 IMAGE_USER=10001

die() { echo "live_capture.sh: $*" >&2; exit 2; }

# wait_for SECONDS COMMAND …: until it succeeds; fails when the time is over.
wait_for() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$deadline" ] || return 1
    sleep 0.2
  done
}

program() {
  local candidate
  for candidate in "${SENSOR_PROGRAM:-}" "$root/build/sensor" "$(command -v sensor || true)"; do
    [ -z "$candidate" ] || [ ! -x "$candidate" ] || { echo "$candidate"; return 0; }
  done
  die "there is no sensor to run; build one with scripts/quickstart.sh, or name it in SENSOR_PROGRAM"
}

# The interface named, of the environment, or of the default route (/proc/net/route: destination 0).
interface() {
  local name=${1:-${SENSOR_INTERFACE:-}}
  [ -n "$name" ] || name=$(awk '$2 == "00000000" { print $1; exit }' /proc/net/route)
  [ -n "$name" ] || die "which interface? 'live_capture.sh interfaces' lists them: live_capture.sh start-live IF"
  echo "$name"
}

# last_rows DIR: what the newest rows of every log in it say.
last_rows() {
  local log
  for log in "$1"/*.log; do
    [ -f "$log" ] || continue
    echo "== $log ($(grep -vc '^#' "$log" || true) rows)"
    grep -v '^#' "$log" | tail -n 5 || true
  done
}

newest_replay() {
  local newest
  newest=$(find "$logs/pcap" -mindepth 1 -maxdepth 1 -type d ! -name '.*' -printf '%T@ %p\n' 2>/dev/null | sort -n | tail -n 1)
  [ -n "$newest" ] || die "nothing was replayed into $logs/pcap yet; start with 'live_capture.sh start-pcap'"
  echo "${newest#* }"
}

# --- Processes of our own ----------------------------------------------------------------------------------------------------------

# pid_of NAME: of the process that runs in the background under this name; fails when there is none.
pid_of() {
  local pid
  pid=$(cat "$logs/$1.pid" 2>/dev/null) || return 1
  # The number may be somebody else's by now: ours has the log directory among its arguments.
  tr '\0' '\n' <"/proc/$pid/cmdline" 2>/dev/null | grep -qxF -- "$logs/$1" || return 1
  echo "$pid"
}

start_process() {
  local name=$1 pid
  shift
  if pid=$(pid_of "$name"); then die "it runs already, as process $pid; end it with 'live_capture.sh stop'"; fi
  mkdir -p "$logs/$name" || die "cannot make $logs/$name; name a directory of yours in SENSOR_LOG_DIR"
  setsid "$@" </dev/null >"$logs/$name.out" 2>&1 &
  echo $! >"$logs/$name.pid"
}

stop_process() {
  local name=$1 pid
  pid=$(pid_of "$name") || return 1
  kill -TERM -- "-$pid"
  # shellcheck disable=SC2317  # wait_for calls it
  gone() { ! kill -0 -- "-$pid" 2>/dev/null; }
  wait_for "$STOP_SECONDS" gone || { echo "process $pid did not end in $STOP_SECONDS s; it is killed" >&2; kill -KILL -- "-$pid"; }
  rm -f "$logs/$name.pid"
  cat "$logs/$name.out"
}

# --- A sensor that serves ------------------------------------------------------------------------------------------------------------

readonly SOCKET=${SENSOR_SOCKET:-$logs/sensor.sock} ORDER_SECONDS=60
api() { curl -sS --max-time "$ORDER_SECONDS" --unix-socket "$SOCKET" "$@"; }
serves() { [ -S "$SOCKET" ] && [ "$(api http://sensor/healthz 2>/dev/null)" = ok ] && api http://sensor/api/v1/session 2>/dev/null | grep -q logged_in; }

# message TEXT: of an answer of the API; fails when it is an error.
message() {
  sed -n 's/.*"message":"\(\([^"\\]\|\\.\)*\)".*/\1/p' <<<"$1"
  [[ $1 != *'"error":'* ]]
}
order() { message "$(api -H 'Content-Type: application/json' -d "$1" http://sensor/api/v1/capture)"; }
known_pcaps() { api http://sensor/api/v1/pcaps | grep -o '"name":"[^"]*"' | cut -d'"' -f4; }

in_server_start_live() {
  local name
  name=$(interface "${1:-}")
  [[ $name =~ ^[A-Za-z0-9_.:@,-]+$ ]] || die "'$name' is no name of an interface"
  order "{\"mode\":\"live\",\"interface\":\"$name\"}"
}

# A file that the server's folder lacks is sent there.
in_server_start_pcap() {
  local name names answer
  if [ -z "${1:-}" ]; then
    names=$(known_pcaps | head -n 100)
    [ -n "$names" ] || die "the folder of the sensor that serves has no capture file; name one: live_capture.sh start-pcap FILE"
  else
    [ -f "$1" ] || die "a sensor serves, and takes files: there is no file $1"
    name=$(basename "$1")
    if ! known_pcaps | grep -qxF -- "$name"; then
      answer=$(api -H 'Content-Type: application/octet-stream' --data-binary "@$1" "http://sensor/api/v1/pcaps?name=$name")
      [[ $answer != *'"error":'* ]] || { message "$answer" >&2; return 1; }
    fi
    names=$name
  fi
  order "{\"mode\":\"pcap\",\"files\":[$(awk '{ printf "%s\"%s\"", (NR > 1 ? "," : ""), $0 }' <<<"$names")]}"
}

in_server_stop() { order '{"mode":"stop"}'; }
in_server_status() { api http://sensor/api/v1/status; echo; }
in_server_interfaces() { on_host_interfaces; }
in_server_logs() { if [ "$1" = pcap ]; then last_rows "$logs/replay"; else last_rows "$logs"; fi; }

# --- Under systemd -----------------------------------------------------------------------------------------------------------------

has_unit() { [ -d /run/systemd/system ] && systemctl cat sensor@.service >/dev/null 2>&1; }
unit_of() { systemd-escape --template=sensor@.service "$1"; }
start_unit() {
  local unit=$1 sensor=$2 dir=$3
  # shellcheck disable=SC2317  # wait_for calls it
  answers_or_ended() { "$sensor" status --log-dir "$dir" >/dev/null 2>&1 || ! systemctl is-active --quiet "$unit"; }
  systemctl start "$unit" && wait_for "$START_SECONDS" answers_or_ended && systemctl is-active --quiet "$unit" && return 0
  journalctl -n 5 --no-pager -o cat -u "$unit" >&2
  return 1
}
active_units() { systemctl list-units --no-legend --plain --state=active,activating 'sensor@*.service' | awk '{ print $1 }'; }

# --- On this machine ---------------------------------------------------------------------------------------------------------------

on_host_interfaces() {
  local sensor
  sensor=$(program)
  "$sensor" interfaces
}

on_host_start_live() {
  local name sensor
  name=$(interface "${1:-}")
  sensor=$(program)
  if has_unit; then
    start_unit "$(unit_of "$name")" "$sensor" "/var/log/sensor/$name"
    echo "$(unit_of "$name") captures from $name; logs in /var/log/sensor/$name"
    return 0
  fi
  start_process live "$sensor" --interface "$name" --log-dir "$logs/live"
  # shellcheck disable=SC2317  # wait_for calls it
  answers_or_ended() { "$sensor" status --log-dir "$logs/live" >/dev/null 2>&1 || ! pid_of live >/dev/null; }
  wait_for "$START_SECONDS" answers_or_ended || true
  pid_of live >/dev/null || { cat "$logs/live.out" >&2; return 1; }
  echo "capturing from $name; logs in $logs/live"
}

on_host_start_pcap() {
  local from=${1:-$pcaps} sensor
  sensor=$(program)
  if [ -f "$from" ]; then
    SENSOR_PROGRAM=$sensor "$root/scripts/watch_pcaps.sh" --once "$from" "$logs/pcap"
    return
  fi
  [ -n "${1:-}" ] || mkdir -p "$from"
  [ -d "$from" ] || die "there is no file and no folder $from"
  start_process pcap env SENSOR_PROGRAM="$sensor" "$root/scripts/watch_pcaps.sh" "$from" "$logs/pcap"
  echo "every capture file in $from is replayed, and those that come; logs in $logs/pcap/FILE"
}

on_host_stop() {
  local stopped=false unit name
  if has_unit; then
    for unit in $(active_units); do systemctl stop "$unit" && echo "$unit has ended" && stopped=true; done
  fi
  for name in live pcap; do if stop_process "$name"; then stopped=true; fi; done
  "$stopped" || echo "nothing runs"
}

on_host_status() {
  local unit pid sensor
  sensor=$(program)
  if has_unit; then
    for unit in $(active_units); do
      echo "$unit is running:"
      "$sensor" status --log-dir "/var/log/sensor/$(systemd-escape --unescape --instance "$unit")"
    done
  fi
  if pid=$(pid_of live); then
    echo "live: process $pid:"
    "$sensor" status --log-dir "$logs/live"
  else
    echo "live: no process runs with logs in $logs/live"
  fi
  if pid=$(pid_of pcap); then echo "pcap: process $pid"; else echo "pcap: no folder is watched"; fi
}

on_host_logs() {
  local unit newest
  if [ "$1" = pcap ]; then
    newest=$(newest_replay)
    cat "$newest/messages.txt"
    last_rows "$newest"
    return
  fi
  if has_unit; then
    for unit in $(active_units); do
      journalctl -n 20 --no-pager -u "$unit"
      last_rows "/var/log/sensor/$(systemd-escape --unescape --instance "$unit")"
    done
  fi
  [ ! -f "$logs/live.out" ] || tail -n 20 "$logs/live.out"
  last_rows "$logs/live"
}

# --- With Docker Compose -----------------------------------------------------------------------------------------------------------

compose() {
  local command=(docker compose)
  "${command[@]}" version >/dev/null 2>&1 || command=(docker-compose)
  command -v "${command[0]}" >/dev/null || die "neither 'docker compose' nor docker-compose is installed"
  COMPOSE_PROJECT_NAME=sensor SENSOR_LOG_DIR=$logs SENSOR_PCAP_DIR=$pcaps "${command[@]}" -f "$root/docker/docker-compose.yml" \
    --profile live-mode --profile pcap-mode "$@"
}

# Folders that the container's user may write: the caller's own, or, for root, that of the image's user.
prepare_folders() {
  mkdir -p "$logs/live" "$logs/pcap" "$pcaps"
  if [ "$(id -u)" -eq 0 ]; then
    chown "$IMAGE_USER:$IMAGE_USER" "$logs/live" "$logs/pcap"
  else
    SENSOR_UID=$(id -u) SENSOR_GID=$(id -g)
    export SENSOR_UID SENSOR_GID
  fi
}

start_service() {
  local service=$1 container
  prepare_folders
  compose up -d "$service"
  container=$(compose ps -q "$service")
  # shellcheck disable=SC2317  # wait_for calls it
  healthy() { [ "$(docker inspect -f '{{.State.Health.Status}}' "$container")" = healthy ]; }
  wait_for "$HEALTH_SECONDS" healthy || { compose logs --tail=20 "$service" >&2; return 1; }
}

in_docker_interfaces() { compose run --rm --no-deps live interfaces; }

in_docker_start_live() {
  local name
  name=$(interface "${1:-}")
  SENSOR_INTERFACE=$name start_service live
  echo "capturing from $name in a container; logs in $logs/live"
}

in_docker_start_pcap() {
  local from=${1:-$pcaps}
  if [ -f "$from" ]; then
    from=$(realpath "$from")
    prepare_folders
    compose run --rm --no-deps -v "$from:/file/$(basename "$from"):ro" pcap once "/file/$(basename "$from")"
    return
  fi
  [ -z "${1:-}" ] || [ -d "$from" ] || die "there is no file and no folder $from"
  pcaps=$(realpath -m "$from")
  start_service pcap
  echo "every capture file in $pcaps is replayed in a container, and those that come; logs in $logs/pcap/FILE"
}

in_docker_stop() { compose down; }

in_docker_status() {
  compose ps
  [ -z "$(compose ps -q live)" ] || compose exec -T live sensor status --log-dir /logs
}

in_docker_logs() {
  compose logs --tail=20 "$1"
  if [ "$1" = pcap ]; then last_rows "$(newest_replay)"; else last_rows "$logs/live"; fi
}

# -----------------------------------------------------------------------------------------------------------------------------------

usage() { sed -n '2,/^set /{ /^set /d; s/^# \{0,1\}//; p; }' "$0"; }

where=on_host
[ "${1:-}" != --docker ] || { where=in_docker; shift; }
[ "$where" = in_docker ] || ! serves || where=in_server
case "${1:-}" in
  interfaces | stop | status) [ $# -eq 1 ] || die "'$1' takes no argument" ;;
  start-live | start-pcap) [ $# -le 2 ] || die "'$1' takes one argument at most" ;;
  logs) [ "${2:-}" = live ] || [ "${2:-}" = pcap ] || die "say which: logs live, or logs pcap" ;;
  -h | --help | help) usage; exit 0 ;;
  *) usage >&2; exit 2 ;;
esac
"${where}_${1//-/_}" "${@:2}"
