# Syslog: logger's messages, taken by nc.
# shellcheck shell=bash disable=SC2154  # here, work: lib.sh and record.sh set them

record_syslog() {
  serve nc -u -l -k 192.0.2.1 514
  serve nc -u -l -k 192.0.2.1 1514
  wait_udp 514
  wait_udp 1514
  start_capture
  in_client logger --udp --server 192.0.2.1 --rfc3164 -p local3.err -t app 'disk full'
  in_client logger --udp --server 192.0.2.1 --rfc5424=nohost -p auth.info -t sshd --msgid ID47 'session opened'
  in_client logger --udp --server 192.0.2.1 --port 1514 --rfc5424=nohost -p daemon.warning -t app 'on another port'
  in_client logger --udp --server 192.0.2.1 --port 1514 --rfc3164 -p cron.notice -t cron 'job done'
  printf 'no priority at all\n' | in_client nc -u -w 1 192.0.2.1 514 || true
  printf '<no priority either' | in_client nc -u -w 1 192.0.2.1 514 || true
}
