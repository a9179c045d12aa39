# SIP: sipp calls sipp, and a scanner that nobody answers.
# shellcheck shell=bash disable=SC2154  # here, work: lib.sh and record.sh set them

record_sip() {
  serve sipp -sn uas -i 192.0.2.1 -p 5060 -nostdin
  serve sipp -sn uas -i 192.0.2.1 -p 7060 -nostdin
  wait_udp 5060
  wait_udp 7060
  start_capture
  in_client sipp -sn uac -i 192.0.2.10 -p 5060 -m 2 -r 5 -d 100 -nostdin 192.0.2.1:5060 >/dev/null
  in_client sipp -sn uac -i 192.0.2.10 -p 7070 -m 1 -d 100 -nostdin 192.0.2.1:7060 >/dev/null
  printf '\0\0\0\0' | in_client nc -u -w 1 -p 6000 192.0.2.99 5060 || true
  printf 'PUBLISH sip:alice@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.10:6001;branch=z9hG4bK1\r\nFrom: "Bob" <sip:bob@example.com>;tag=1\r\nt: <sip:alice@example.com>\r\nCall-ID: 1@192.0.2.10\r\nCSeq: 1 PUBLISH\r\nContent-Length: 0\r\n\r\n' |
    in_client nc -u -w 1 -p 6000 192.0.2.99 5060 || true
}
