# RFB: TigerVNC's server and viewer.
# shellcheck shell=bash disable=SC2154  # work: lib.sh sets it

# rfb_server DISPLAY SECURITY: a small screen of its own, on port 5900 + DISPLAY.
rfb_server() {
  serve Xtigervnc ":$1" -geometry 64x48 -depth 16 -interface 192.0.2.1 -rfbport $((5900 + $1)) -SecurityTypes "$2" -PasswordFile "$work/passwd" \
    -desktop 'small desk' -AlwaysShared=0 -localhost=0
  wait_tcp $((5900 + $1)) || { cat "$work/daemons.log" >&2; false; }
}
# A screen for the viewer, and passwords.
rfb_viewer_screen() {
  echo secret | tigervncpasswd -f >passwd
  echo wrong | tigervncpasswd -f >wrong
  ip netns exec sensor-client timeout 120 Xvfb :78 -screen 0 200x200x16 -nolisten tcp >>"$work/daemons.log" 2>&1 &
  daemons+=($!)
  sleep 1
}
# look_at_screen DISPLAY [option …]: for a second.
look_at_screen() {
  local display=$1
  shift
  DISPLAY=:78 HOME=$work ip netns exec sensor-client timeout 1.5 xtigervncviewer "192.0.2.1::$((5900 + display))" -AlertOnFatalError=0 -ReconnectOnError=0 \
    -PreferredEncoding=ZRLE "$@" >>"$work/daemons.log" 2>&1 || true
}

record_rfb_screens() {
  rfb_viewer_screen
  rfb_server 81 None
  rfb_server 82 VncAuth
  start_capture
  look_at_screen 81 -SecurityTypes None
  look_at_screen 82 -SecurityTypes VncAuth -passwd "$work/passwd" -Shared
  look_at_screen 82 -SecurityTypes VncAuth -passwd "$work/wrong"
}
record_rfb_vencrypt() {
  rfb_viewer_screen
  rfb_server 83 TLSVnc
  start_capture
  look_at_screen 83 -SecurityTypes TLSVnc -passwd "$work/passwd"
}
