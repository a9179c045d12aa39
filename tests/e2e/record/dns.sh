# DNS from bind9, dnsmasq, avahi and llmnrd, asked by dig, nsupdate and llmnr-query.
# shellcheck shell=bash disable=SC2154  # here, work: lib.sh and record.sh set them

start_named() {
  mkdir -p named
  cp "$here/example.com.zone" named/
  (cd named && dnssec-keygen -q -a ECDSAP256SHA256 example.com >/dev/null && dnssec-keygen -q -a ECDSAP256SHA256 -f KSK example.com >/dev/null &&
    cat K*.key >>example.com.zone && dnssec-signzone -q -3 abcd -o example.com example.com.zone >/dev/null)
  cat >named.conf <<END
options { directory "$work/named"; listen-on { any; }; listen-on-v6 { any; }; recursion no; pid-file none; allow-transfer { any; };
          notify no; dnssec-validation no; server-id "sensor-test"; minimal-responses no; };
zone "example.com" { type primary; file "example.com.zone.signed"; };
zone "update.example" { type primary; file "update.zone"; allow-update { any; }; };
zone "2.0.192.in-addr.arpa" { type primary; file "reverse.zone"; };
END
  # shellcheck disable=SC2016
  printf '$TTL 60\n@ SOA ns.example.com. root.example.com. 1 60 60 60 60\n@ NS ns.example.com.\n' | tee named/update.zone >named/reverse.zone
  echo '10 PTR client.example.com.' >>named/reverse.zone
  serve named -g -c "$work/named.conf" -n 1
  wait_tcp 53
}
ask() { in_client dig +tries=1 +time=2 "$@" || true; }

record_dns_types() {
  start_named
  start_capture
  local type
  for type in A AAAA NS SOA MX TXT SRV CAA NAPTR HINFO LOC SSHFP TLSA URI SVCB HTTPS DNSKEY NSEC3PARAM ANY; do ask @192.0.2.1 example.com $type; done
  ask @192.0.2.1 alias.example.com A
  ask @192.0.2.1 chain.example.com AAAA
  ask @192.0.2.1 host.dname.example.com A
  ask @192.0.2.1 many.example.com A
  ask @192.0.2.1 -x 192.0.2.10
}
record_dns_edns_dnssec() {
  start_named
  start_capture
  ask @192.0.2.1 +dnssec +nsid www.example.com A
  ask @192.0.2.1 +dnssec example.com DNSKEY
  ask @192.0.2.1 +dnssec nosuchname.example.com A
  ask @192.0.2.1 +noedns www.example.com A
  ask @192.0.2.1 +subnet=198.51.100.0/24 +nocookie www.example.com A
  ask @192.0.2.1 +edns=5 +noednsneg www.example.com A
  ask @192.0.2.1 +bufsize=4096 +padding=128 +keepalive www.example.com AAAA
}
record_dns_errors() {
  start_named
  start_capture
  ask @192.0.2.1 nosuchname.example.com A
  ask @192.0.2.1 www.example.com NULL
  ask @192.0.2.1 www.elsewhere.example A
  ask @192.0.2.1 +opcode=status example.com A
  ask @192.0.2.1 +header-only
  ask @192.0.2.1 version.bind CH TXT
  ask @192.0.2.2 -p 5300 example.com A
  ask @192.0.2.99 +time=1 example.com A
}
record_dns_tcp() {
  start_named
  start_capture
  ask @192.0.2.1 +tcp www.example.com A
  ask @192.0.2.1 +tcp +keepopen www.example.com AAAA example.com MX example.com TXT
  ask @192.0.2.1 example.com AXFR
}
record_dns_truncated() {
  start_named
  start_capture
  ask @192.0.2.1 +bufsize=512 +nocookie big.example.com TXT
  ask @192.0.2.1 +bufsize=512 +ignore big.example.com TXT
  ask @192.0.2.1 +noedns many.example.com A
}
record_dns_update() {
  start_named
  start_capture
  printf 'server 192.0.2.1\nzone update.example\nupdate add new.update.example 60 A 192.0.2.77\nsend\n' | in_client nsupdate
  ask @192.0.2.1 new.update.example A
}
record_dns_ipv6() {
  start_named
  start_capture
  ask @2001:db8::1 www.example.com AAAA
  ask @2001:db8::1 +tcp www.example.com A
  ask @2001:db8::1 -x 2001:db8::1
}
record_dns_dnsmasq() {
  serve dnsmasq -d -C /dev/null --no-resolv --no-hosts --user=root --address=/www.dnsmasq.example/192.0.2.80 --address=/www.dnsmasq.example/2001:db8::80 \
    --txt-record=txt.dnsmasq.example,one,two --srv-host=_sip._udp.dnsmasq.example,sip.dnsmasq.example,5060 --mx-host=dnsmasq.example,mx.dnsmasq.example,5 \
    --cname=c.dnsmasq.example,www.dnsmasq.example --listen-address=192.0.2.1 --bind-interfaces --local=/dnsmasq.example/
  wait_tcp 53
  start_capture
  local q
  for q in 'www.dnsmasq.example A' 'www.dnsmasq.example AAAA' 'txt.dnsmasq.example TXT' '_sip._udp.dnsmasq.example SRV' 'dnsmasq.example MX' 'no.dnsmasq.example A'; do
    # shellcheck disable=SC2086
    ask @192.0.2.1 $q
  done
  in_client getent ahosts www.dnsmasq.example || true
  in_client curl -s -m 2 http://www.dnsmasq.example/ || true
}
record_dns_multicast() {
  local side
  for side in client server; do
    mkdir -p avahi-$side
    printf '[server]\nhost-name=%s\nuse-ipv4=yes\nuse-ipv6=yes\nenable-dbus=no\nallow-interfaces=eth0\n[publish]\npublish-hinfo=yes\npublish-workstation=yes\n' \
      $side >avahi-$side/avahi.conf
  done
  start_capture
  for side in client server; do
    # Its pid file has one place; every daemon gets a /run of its own.
    ip netns exec sensor-$side unshare -m sh -c "mount -t tmpfs none /run && mkdir -p /run/avahi-daemon && chown avahi /run/avahi-daemon && exec timeout 60 avahi-daemon --no-chroot --no-drop-root --no-rlimits -f '$work/avahi-$side/avahi.conf'" \
      >>daemons.log 2>&1 &
    daemons+=($!)
  done
  sleep 5
  ask @224.0.0.251 -p 5353 +notcp server.local A
  ask @224.0.0.251 -p 5353 +notcp _workstation._tcp.local PTR
  sleep 1
}
record_dns_llmnr() {
  serve llmnrd -H sensorhost -i eth0 -6
  sleep 1
  start_capture
  in_client llmnr-query -c 1 -I eth0 sensorhost || true
  in_client llmnr-query -c 1 -I eth0 -T AAAA sensorhost || true
  in_client llmnr-query -c 1 -I eth0 -6 sensorhost || true
  in_client llmnr-query -c 1 -I eth0 nobody || true
}
