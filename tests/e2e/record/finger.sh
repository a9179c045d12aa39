# Finger: fingerd behind socat.
# shellcheck shell=bash

record_finger() {
  serve socat TCP-LISTEN:79,reuseaddr,fork EXEC:/usr/sbin/in.fingerd
  wait_tcp 79
  start_capture
  in_client finger root@192.0.2.1 || true
  in_client finger -l nobody@192.0.2.1 || true
  in_client finger @192.0.2.1 || true
  printf '\x16\x03\x01\x00\n' | in_client nc -w 1 192.0.2.1 79 || true
}
