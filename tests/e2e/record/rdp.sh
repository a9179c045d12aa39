# RDP from xrdp, asked by FreeRDP.
# shellcheck shell=bash disable=SC2154  # here, work: lib.sh and record.sh set them

# rdp_server SECURITY: xrdp that offers `rdp` (its own encryption) or `tls`.
rdp_server() {
  make_certificates
  xrdp-keygen xrdp "$work/rsakeys.ini" >/dev/null
  sed -e "s/^security_layer=.*/security_layer=$1/; s/^port=3389/port=tcp:\/\/192.0.2.1:3389/; s/^crypt_level=.*/crypt_level=high/" \
    -e "s|^certificate=.*|certificate=$work/rsa.pem|; s|^key_file=.*|key_file=$work/rsa.key|; s|^rsakeys_ini=.*|rsakeys_ini=$work/rsakeys.ini|" \
    -e 's|^LogFile=.*|LogFile=/dev/null|; s/^EnableSyslog=.*/EnableSyslog=0/' /etc/xrdp/xrdp.ini >xrdp.ini
  serve xrdp --nodaemon --config "$work/xrdp.ini"
  wait_tcp 3389
  ip netns exec sensor-client timeout 120 Xvfb :77 -screen 0 800x600x16 -nolisten tcp >>"$work/daemons.log" 2>&1 &
  daemons+=($!)
  sleep 1
}
# look_at_desktop [option …]: for a second.
look_at_desktop() {
  DISPLAY=:77 HOME=$work ip netns exec sensor-client timeout 2 xfreerdp /v:192.0.2.1 /u:alice /p:secret /size:200x200 /bpp:16 /cert:ignore /client-hostname:workstation "$@" || true
}

record_rdp_own_security() {
  rdp_server rdp
  start_capture
  look_at_desktop /sec:rdp /kbd:0x407
  look_at_desktop /sec:tls
}
record_rdp_tls() {
  rdp_server tls
  start_capture
  look_at_desktop /sec:tls +auth-only
  look_at_desktop /sec:rdp
}
