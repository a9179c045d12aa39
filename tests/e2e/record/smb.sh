# SMB from Samba, asked by smbclient.
# shellcheck shell=bash disable=SC2154  # here, work: lib.sh and record.sh set them

# smb_server [GLOBAL OPTION …]: a share that anybody may write to, and alice, whose password is "secret".
smb_server() {
  local dir
  chmod 755 "$work"
  for dir in share private state cache lock pid ncalrpc; do mkdir -p "$dir"; done
  chmod 777 share
  printf 'A short text.\n' >share/notes.txt
  head -c 9000 /dev/zero | tr '\0' 'z' >share/long.txt
  printf '%%PDF-1.5\n%%%%EOF\n' >paper.pdf
  printf '%s:x:%s:65534::/:/bin/false\n' alice 4001 >alice
  cat /etc/passwd alice >/etc/netns/sensor-server/passwd
  {
    printf '%s\n' '[global]' 'server role = standalone server' 'map to guest = bad user' 'disable netbios = no' 'load printers = no' 'printcap name = /dev/null'
    printf '%s\n' "private dir = $work/private" "state directory = $work/state" "cache directory = $work/cache" "lock directory = $work/lock"
    printf '%s\n' "pid directory = $work/pid" "ncalrpc dir = $work/ncalrpc" "log file = $work/smbd.log" 'server min protocol = NT1'
    printf '%s\n' "$@" '[share]' "path = $work/share" 'guest ok = yes' 'read only = no'
  } >smb.conf
  printf 'secret\nsecret\n' | in_server smbpasswd -c "$work/smb.conf" -s -a alice
  serve smbd --foreground --no-process-group --configfile="$work/smb.conf"
  wait_tcp 445
}
# share_commands COMMANDS [option …]: smbclient's, in the share.
share_commands() {
  local commands=$1
  shift
  in_client smbclient //192.0.2.1/share -U alice%secret --option='client min protocol = NT1' "$@" -c "$commands" || true
}
kEverything='get notes.txt a; get long.txt b; put paper.pdf; rename paper.pdf moved.pdf; mkdir folder; ls; get missing.txt c; del moved.pdf; rmdir folder'

record_smb2() {
  smb_server
  start_capture
  share_commands "$kEverything" -m SMB2_02
  in_client smbclient -L 192.0.2.1 -U alice%secret -m SMB2_10 || true
}
record_smb3() {
  smb_server
  start_capture
  share_commands "$kEverything" -m SMB3
}
record_smb3_encrypted() {
  smb_server
  start_capture
  share_commands 'get notes.txt a' -m SMB3 --option='client smb encrypt = required'
}
# Over NetBIOS sessions, too.
record_smb1() {
  smb_server
  start_capture
  share_commands "$kEverything" -m NT1
  share_commands 'get notes.txt a' -m NT1 -p 139
}
# Over pipes of SMB 2 and SMB 1, and over TCP.
record_dce_rpc() {
  local questions='lsaquery; enumdomusers; queryuser alice; netshareenum; srvinfo'
  smb_server 'rpc start on demand helpers = no'
  serve /usr/libexec/samba/samba-dcerpcd --libexec-rpcds --foreground --no-process-group --configfile="$work/smb.conf"
  wait_tcp 135
  start_capture
  in_client rpcclient -U alice%secret 192.0.2.1 -c "$questions" || true
  in_client rpcclient -U alice%secret --option='client min protocol = NT1' -m NT1 192.0.2.1 -c "$questions" || true
  in_client rpcclient -U alice%secret 'ncacn_ip_tcp:192.0.2.1[sign]' -c lsaquery || true
}
