# NTP: chrony and ntpdate ask chrony, which also broadcasts. No clock is set.
# shellcheck shell=bash disable=SC2154  # here, work: lib.sh and record.sh set them

record_ntp() {
  echo '1 SHA1 HEX:0123456789ABCDEF' >keys
  serve chronyd -d -x -u root -f /dev/null "pidfile $work/server.pid" 'bindcmdaddress /' 'cmdport 0' 'local stratum 8' 'allow all' \
    "keyfile $work/keys" 'broadcast 2 192.0.2.255'
  wait_udp 123
  start_capture
  in_client chronyd -Q -u root -f /dev/null "pidfile $work/client.pid" "keyfile $work/keys" 'server 192.0.2.1 key 1 iburst maxsamples 2' || true
  in_client chronyd -Q -u root -f /dev/null "pidfile $work/client.pid" 'server 2001:db8::1 iburst maxsamples 1' || true
  in_client ntpdate -q 192.0.2.1 || true
  # Control and private messages, which chrony does not answer.
  printf '\x16\x02\0\1\0\0\0\0\0\0\0\0' | in_client nc -u -w 1 192.0.2.1 123 || true
  printf '\x17\0\3\x2a\0\0\0\0' | in_client nc -u -w 1 -p 123 192.0.2.1 123 || true
}
