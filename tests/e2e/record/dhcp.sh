# DHCP: dhclient asks dnsmasq.
# shellcheck shell=bash disable=SC2154  # here, work: lib.sh and record.sh set them

dhcp_client() {
  in_client dhclient -4 -1 -sf /bin/true -cf "$work/dhclient.conf" -lf "$work/leases" -pf "$work/dhclient.pid" "$@" eth0 || true
}

record_dhcp() {
  serve dnsmasq -d -C /dev/null --no-resolv --no-hosts --user=root --port=0 --interface=eth0 --bind-dynamic --dhcp-range=192.0.2.50,192.0.2.60,2h \
    --domain=example.com --dhcp-leasefile="$work/server.leases" --dhcp-authoritative --dhcp-option=option:ntp-server,192.0.2.1
  wait_udp 67
  echo 'send host-name "laptop"; send fqdn.fqdn "laptop.example.com."; send dhcp-client-identifier 1:02:00:00:00:00:10; request subnet-mask, routers, domain-name;' >dhclient.conf
  start_capture
  # A lease, its release, a lease without an identifier, and an address that the server refuses.
  dhcp_client
  dhcp_client -r
  echo 'send dhcp-requested-address 198.51.100.7;' >dhclient.conf
  dhcp_client
  in_client kill "$(cat dhclient.pid)" || true
}
