# Namespaces, daemons and tcpdump for record.sh; not run by itself.
# shellcheck shell=bash disable=SC2154
#
# Every capture has a client and a server in namespaces of their own, and a third one between them that bridges the two:
#
#     sensor-client  192.0.2.10   2001:db8::10          sensor-server  192.0.2.1, .2, .3   2001:db8::1, ::2, ::3
#          eth0 ────────────────── sensor-middle ────────────────── eth0
#
# tcpdump listens on the client's side, so what gets lost on the way from the server is missing in the capture, and what gets lost on the way
# to it is seen.

work=''

# in_client, in_server COMMAND …: runs it there, at most 30 seconds.
in_client() { ip netns exec sensor-client timeout 30 "$@"; }
in_server() { ip netns exec sensor-server timeout 30 "$@"; }
# serve COMMAND …: a daemon on the server, until the capture ends.
serve() {
  ip netns exec sensor-server timeout 120 "$@" >>"$work/daemons.log" 2>&1 &
  daemons+=($!)
}
daemons=()

# wait_tcp PORT, wait_udp PORT: until the server listens.
wait_tcp() { wait_port -t "$1"; }
wait_udp() { wait_port -u "$1"; }
wait_port() {
  local i
  for i in $(seq 50); do
    ip netns exec sensor-server ss -Hln "$1" "sport = :$2" | grep -q . && return 0
    sleep 0.1
  done
  echo "nothing listens on port $2 after 5 seconds ($i tries)" >&2
  return 1
}

make_namespaces() {
  local ns side
  work=$(mktemp -d)
  for ns in client server middle; do
    ip netns add sensor-$ns
    mkdir -p /etc/netns/sensor-$ns
    cp "$here/hosts" /etc/netns/sensor-$ns/hosts
    echo 'nameserver 192.0.2.1' >/etc/netns/sensor-$ns/resolv.conf
    ip netns exec sensor-$ns sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 \
      net.ipv6.conf.default.router_solicitations=0 net.ipv6.conf.all.router_solicitations=0
    ip -n sensor-$ns link set lo up
  done
  for side in client server; do
    ip link add name eth0 netns sensor-$side type veth peer name $side netns sensor-middle
    # Otherwise tcpdump would see segments longer than the link carries, and checksums not filled in yet.
    ip netns exec sensor-$side ethtool -K eth0 tx off tso off gso off gro off >/dev/null
    ip netns exec sensor-middle ethtool -K $side tx off tso off gso off gro off >/dev/null
    ip -n sensor-middle link set $side up
  done
  ip -n sensor-client link set eth0 address 02:00:00:00:00:10 up
  ip -n sensor-server link set eth0 address 02:00:00:00:00:01 up
  ip -n sensor-client addr add 192.0.2.10/24 dev eth0
  ip -n sensor-client addr add 2001:db8::10/64 dev eth0 nodad
  for i in 1 2 3; do
    ip -n sensor-server addr add 192.0.2.$i/24 dev eth0
    ip -n sensor-server addr add 2001:db8::$i/64 dev eth0 nodad
  done
  for side in client server; do ip -n sensor-$side route add 224.0.0.0/4 dev eth0; done
  # An address that takes packets and answers nothing.
  ip -n sensor-client neigh add 192.0.2.99 lladdr 02:00:00:00:00:99 dev eth0
  join_with_bridge
}

join_with_bridge() {
  ip -n sensor-middle link add joint type bridge mcast_snooping 0
  ip -n sensor-middle link set joint up
  ip -n sensor-middle link set client master joint
  ip -n sensor-middle link set server master joint
}
# lossy LOSS REORDER DUPLICATE SEED: from now on, frames between the two are lost, swapped and doubled with these probabilities.
lossy() {
  ip -n sensor-middle link del joint
  ip netns exec sensor-middle timeout 120 python3 "$here/lossy_link.py" client server "$@" >>"$work/daemons.log" 2>&1 &
  daemons+=($!)
  sleep 1
}

remove_namespaces() {
  local ns pid
  for ns in client server middle; do
    for pid in $(ip netns pids sensor-$ns 2>/dev/null); do kill "$pid" 2>/dev/null || true; done
  done
  sleep 0.2
  for ns in client server middle; do
    for pid in $(ip netns pids sensor-$ns 2>/dev/null); do kill -9 "$pid" 2>/dev/null || true; done
    ip netns del sensor-$ns 2>/dev/null || true
    rm -rf /etc/netns/sensor-$ns
  done
  wait "${daemons[@]}" 2>/dev/null || true
  daemons=()
  [ -z "$work" ] || rm -rf "$work"
  work=''
}

# start_capture [tcpdump option …]: tcpdump into $work/capture.pcap until stop_capture. Called by a recording once its servers are up.
# Address resolution would come and go by chance: a recording that wants it sets capture_filter.
capture_filter='not arp and not (icmp6 and ip6[40] >= 133) and not dst host ff02::16'
start_capture() {
  [ $# -gt 0 ] || set -- -i eth0
  ip netns exec sensor-client timeout 120 tcpdump "$@" -n -U --immediate-mode -s 0 -Z root -w "$work/capture.pcap" "$capture_filter" \
    2>"$work/tcpdump.log" &
  dump=$!
  local i
  for i in $(seq 50); do
    grep -q 'listening on' "$work/tcpdump.log" 2>/dev/null && return 0
    sleep 0.1
  done
  echo "tcpdump does not listen after 5 seconds ($i tries)" >&2
  return 1
}
stop_capture() {
  sleep 0.5
  kill -INT "$dump"
  wait "$dump" || true
}

# record NAME: runs record_NAME, which starts its servers, calls start_capture and then its clients.
record() {
  local name=$1 status=0
  make_namespaces
  trap remove_namespaces EXIT
  dump=''
  (
    set -e
    cd "$work"
    "record_$name"
    [ -z "$dump" ] || stop_capture
  ) >"$work/record.log" 2>&1 || status=1
  if [ $status -eq 0 ] && [ -s "$work/capture.pcap" ]; then
    mv "$work/capture.pcap" "$captures/$name.pcap"
    printf 'ok    %-24s %7d bytes\n' "$name" "$(stat -c %s "$captures/$name.pcap")"
  else
    cat "$work/record.log" "$work/daemons.log" >&2 || true
    status=1
  fi
  remove_namespaces
  trap - EXIT
  return $status
}
