# Windows executables (EFI's programs have the same format), fetched over HTTP and FTP.
# shellcheck shell=bash disable=SC2154  # work: lib.sh sets it

record_pe_downloads() {
  ftp_server
  local name
  for name in linuxx64.efi.stub systemd-bootx64.efi; do
    # The headers, and some of what follows them.
    head -c 6000 "/usr/lib/systemd/boot/efi/$name" >"ftp/pub/$name"
  done
  # An object file of the same format has no optional header.
  printf 'MZ%058d' 0 | tr 0 '\0' >ftp/pub/object.exe
  printf '@\0\0\0PE\0\0d\206\1\0\0\0\0_%08d\0\0\4\0' 0 | tr 0 '\0' >>ftp/pub/object.exe
  head -c 400 /dev/zero >>ftp/pub/object.exe
  serve python3 -m http.server --bind 192.0.2.1 --directory "$work/ftp/pub" 80
  wait_tcp 80
  start_capture
  fetch http://192.0.2.1/linuxx64.efi.stub
  fetch http://192.0.2.1/object.exe
  fetch ftp://192.0.2.1/pub/systemd-bootx64.efi
}
