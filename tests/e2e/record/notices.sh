# What raises notices: certificates that are not good, old TLS, guessed passwords, scans, an address that moves.
# shellcheck shell=bash disable=SC2154  # here, work: lib.sh and record.sh set them

record_notices() {
  # shellcheck disable=SC2034  # start_capture reads it
  capture_filter='not icmp6 and not dst host ff02::16'
  make_certificates
  openssl req -x509 -newkey rsa:1024 -nodes -keyout own.key -out own.pem -subj '/C=XX/O=Capture Test/CN=own.example.com' -days 20 2>/dev/null
  tls_server 443 -cert expired.pem -key expired.key
  tls_server 444 -cert own.pem -key own.key -cipher ALL:@SECLEVEL=0
  ssh_server
  printf '#!/bin/sh\necho wrong\n' >answer
  chmod 755 answer
  export SSH_ASKPASS=$work/answer SSH_ASKPASS_REQUIRE=force
  local i
  # Hosts that answer nothing.
  for i in $(seq 50 60); do ip -n sensor-client neigh add "192.0.2.$i" lladdr "02:00:00:00:01:$i" dev eth0; done
  start_capture
  tls_client 443 -tls1_2
  tls_client 443 -tls1_2
  tls_client 444 -tls1_1 -cipher ALL:@SECLEVEL=0
  for i in 1 2 3; do log_in alice -o PreferredAuthentications=password -o NumberOfPasswordPrompts=2; done
  for i in $(seq 8001 8020); do in_client nc -z -w 1 192.0.2.1 "$i" || true; done
  for i in $(seq 50 60); do in_client timeout 0.1 nc -z -w 1 "192.0.2.$i" 23 || true; done
  ip -n sensor-server link set eth0 down
  ip -n sensor-server link set eth0 address 02:00:00:00:00:fe up
  in_server arping -U -c 1 -I eth0 -s 192.0.2.1 192.0.2.1 >/dev/null || true
}
# Hosts and servers of several kinds, which say what they are; one of them says nothing.
record_assets() {
  make_certificates
  tls_server 443 -cipher ALL:@SECLEVEL=0
  ssh_server
  serve python3 -m http.server 80 --bind 192.0.2.3
  wait_tcp 80
  serve nc -lk 192.0.2.1 9000
  wait_tcp 9000
  serve dnsmasq -d -C /dev/null --no-resolv --no-hosts --user=root --listen-address=192.0.2.1 --bind-interfaces --local=/example/ --host-record=a.example,192.0.2.3
  wait_udp 53
  start_capture
  in_client dig +tries=1 +time=2 @192.0.2.1 a.example >/dev/null || true
  in_client curl -s http://192.0.2.3/no >/dev/null || true
  in_client wget -q -O /dev/null http://192.0.2.3/no || true
  tls_client 443 -tls1_2
  log_in guest
  in_client nc -z -w 1 192.0.2.1 9000 || true
  in_client nc -z -w 1 192.0.2.1 9001 || true
}
# Programs that name themselves in FTP's CLNT, in the greeting of MySQL and in the header of a mail.
record_software() {
  mkdir -p ftp
  printf 'A short text.\n' >ftp/notes.txt
  chmod 755 "$work" ftp
  # Of the servers at hand, only this one lists CLNT among its features, without which lftp does not send it.
  printf '%s\n' 'ServerType standalone' 'UseIPv6 off' 'DefaultAddress 192.0.2.1' 'User ftp' 'Group nogroup' 'RequireValidShell off' 'WtmpLog off' 'DelayEngine off' \
    "ScoreboardFile $work/scoreboard" "PidFile $work/proftpd.pid" "<Anonymous $work/ftp>" '  User ftp' '  Group nogroup' '  UserAlias anonymous ftp' '</Anonymous>' >proftpd.conf
  serve proftpd --nodaemon --config "$work/proftpd.conf"
  wait_tcp 21
  mysql_server
  mail_server
  start_capture
  in_client lftp -c 'set dns:order inet; open ftp://192.0.2.1; cat notes.txt' >/dev/null || true
  in_client lftp -c 'set ftp:client "Mirror/2.1 (nightly)"; open ftp://192.0.2.1; cat notes.txt' >/dev/null || true
  echo 'SELECT 1;' | ask_mysql alice secret --skip-ssl
  send --body 'A short text.'
}
