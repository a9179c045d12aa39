# DNP3 over TCP and UDP.
# shellcheck shell=bash disable=SC2154  # here: record.sh sets it

# On the port, and on another one.
record_dnp3_tcp() {
  local port
  for port in 20000 20100; do
    serve python3 "$here/dnp3_talk.py" outstation tcp 192.0.2.1 $port
    wait_tcp $port
  done
  start_capture
  for port in 20000 20100; do in_client python3 "$here/dnp3_talk.py" master tcp 192.0.2.1 $port; done
}
record_dnp3_udp() {
  serve python3 "$here/dnp3_talk.py" outstation udp 192.0.2.1 20000
  wait_udp 20000
  start_capture
  in_client python3 "$here/dnp3_talk.py" master udp 192.0.2.1 20000
}
