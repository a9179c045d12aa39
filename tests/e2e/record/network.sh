# The layers below: ICMP, fragments, TCP that goes wrong, protocols that nobody reads.
# shellcheck shell=bash disable=SC2154  # here, work: lib.sh and record.sh set them

record_icmp() {
  start_capture
  in_client ping -c 3 -i 0.2 192.0.2.1 >/dev/null || true
  in_client ping -c 2 -i 0.2 2001:db8::1 >/dev/null || true
  in_client ping -c 1 -W 1 192.0.2.99 >/dev/null || true
  in_client traceroute -n -q 1 -m 2 -w 1 192.0.2.1 >/dev/null || true
  in_client traceroute -6 -n -q 1 -m 2 -w 1 2001:db8::1 >/dev/null || true
  in_client traceroute -I -n -q 1 -m 2 -w 1 192.0.2.2 >/dev/null || true
}
# Who has which address, and a server that gets another card; a probe, an announcement, and an address that nobody has.
record_neighbours() {
  # shellcheck disable=SC2034  # start_capture reads it
  capture_filter='arp or icmp6'
  start_capture
  in_client ping -c 1 192.0.2.1 >/dev/null || true
  in_client ping -c 1 2001:db8::1 >/dev/null || true
  in_client arping -D -c 1 -w 1 -I eth0 192.0.2.77 >/dev/null || true
  in_client arping -c 1 -w 1 -I eth0 192.0.2.88 >/dev/null || true
  ip -n sensor-server link set eth0 down
  ip -n sensor-server link set eth0 address 02:00:00:00:00:fe up
  in_server arping -U -c 1 -I eth0 -s 192.0.2.1 192.0.2.1 >/dev/null || true
  in_server rdisc6 -1 -q -w 300 eth0 >/dev/null || true
}
record_fragments() {
  start_capture
  in_client ping -c 2 -i 0.2 -s 4000 192.0.2.1 >/dev/null || true
  in_client ping -c 2 -i 0.2 -s 4000 2001:db8::1 >/dev/null || true
}
# Answers longer than the link carries: dnsmasq sends them in fragments.
record_fragments_dns() {
  local i args=()
  for i in 1 2 3 4 5 6 7 8 9; do args+=("--txt-record=long.example,$i-$(printf 'x%.0s' {1..200})"); done
  serve dnsmasq -d -C /dev/null --no-resolv --no-hosts --user=root --edns-packet-max=4096 --listen-address=192.0.2.1,2001:db8::1 --bind-interfaces --local=/example/ "${args[@]}"
  wait_tcp 53
  start_capture
  in_client dig +tries=1 +time=2 +bufsize=4096 @192.0.2.1 long.example TXT >/dev/null || true
  in_client dig +tries=1 +time=2 +bufsize=4096 @2001:db8::1 long.example TXT >/dev/null || true
}
record_fragments_lossy() {
  lossy 0.15 0.3 0.1 7
  start_capture
  in_client ping -c 8 -i 0.05 -W 1 -s 3000 192.0.2.1 >/dev/null || true
  in_client ping -c 8 -i 0.05 -W 1 -s 3000 2001:db8::1 >/dev/null || true
}
record_tcp_states() {
  serve nc -l -k 192.0.2.1 7000
  serve python3 "$here/tcp_server.py" 7001
  wait_tcp 7000
  wait_tcp 7001
  start_capture
  in_client nc -w 1 192.0.2.1 7999 </dev/null || true             # refused
  in_client nc -w 1 192.0.2.99 7000 </dev/null || true            # no answer
  echo hello | in_client nc -q 0 -w 1 192.0.2.1 7000 || true      # the server closes later
  in_client python3 "$here/tcp_client.py" 192.0.2.1 7001 || true  # resets, half-closes, urgent data, silence
}
record_udp_plain() {
  serve python3 "$here/udp_server.py" 7000
  wait_udp 7000
  start_capture
  printf 'one\n' | in_client nc -u -w 1 192.0.2.1 7000 || true
  { printf 'two\n'; sleep 0.2; printf 'three\n'; } | in_client nc -6 -u -w 1 2001:db8::1 7000 || true
  printf 'to nobody\n' | in_client nc -u -w 1 192.0.2.1 7999 || true
  printf 'six\n' | in_client nc -6 -u -w 1 2001:db8::1 7999 || true
}

# The same kind of traffic as the link layers of "any" interfaces show it.
record_link_sll() {
  start_nginx
  start_capture -i any -y LINUX_SLL
  get http://www.example.com/data.json
  get http://www6.example.com/data.json
}
record_link_sll2() {
  start_nginx
  start_capture -i any -y LINUX_SLL2 --time-stamp-precision=nano
  get http://www.example.com/data.json
  get http://www6.example.com/data.json
}
