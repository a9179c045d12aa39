# SSH from OpenSSH and Dropbear.
# shellcheck shell=bash disable=SC2154  # here, work: lib.sh and record.sh set them

# ssh_users: inside the server's namespace, alice has a password and guest needs none.
ssh_users() {
  local etc=/etc/netns/sensor-server
  chmod 755 "$work"
  mkdir -p home
  cp /etc/passwd $etc/passwd
  cp /etc/shadow $etc/shadow
  printf '%s:x:%s:65534::%s:/bin/sh\n' alice 4001 "$work/home" guest 4002 "$work/home" >>$etc/passwd
  printf 'alice:%s:20000:0:99999:7:::\nguest::20000:0:99999:7:::\n' "$(openssl passwd -6 secret)" >>$etc/shadow
  ssh-keygen -q -t ed25519 -N '' -f user_key -C ''
  ssh-keygen -q -t ecdsa -N '' -f host_key -C ''
}
# ssh_server: OpenSSH.
ssh_server() {
  ssh_users
  mkdir -p /run/sshd
  cp user_key.pub home/keys
  printf '%s\n' "HostKey $work/host_key" "AuthorizedKeysFile $work/home/keys" 'StrictModes no' 'PidFile none' 'UsePAM no' 'PermitEmptyPasswords yes' 'UseDNS no' >sshd_config
  serve /usr/sbin/sshd -D -e -f "$work/sshd_config"
  wait_tcp 22
}
# log_in USER [option …]: by OpenSSH, which says "hello" there.
log_in() {
  local user=$1
  shift
  in_client ssh -F none -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR "$@" "$user@192.0.2.1" echo hello </dev/null || true
}

record_ssh_password() {
  ssh_server
  cat >answer <<-'EOF'
	#!/bin/sh
	echo "$ANSWER"
	EOF
  chmod 755 answer
  export SSH_ASKPASS=$work/answer SSH_ASKPASS_REQUIRE=force
  start_capture
  ANSWER=wrong log_in alice -o PreferredAuthentications=password -o NumberOfPasswordPrompts=3
  ANSWER=secret log_in alice -o PreferredAuthentications=password
}
record_ssh_public_key() {
  ssh_server
  start_capture
  log_in alice -i "$work/user_key" -o IdentitiesOnly=yes
  log_in guest
  log_in alice -o PreferredAuthentications=none
  log_in alice -i "$work/user_key" -o IdentitiesOnly=yes -o KexAlgorithms=diffie-hellman-group14-sha256 -o Ciphers=aes128-gcm@openssh.com
  log_in alice -i "$work/user_key" -o IdentitiesOnly=yes -o Compression=yes -o KexAlgorithms=diffie-hellman-group-exchange-sha256
}
# On another port, where only the content tells; the client says everything at once.
record_ssh_dropbear() {
  ssh_users
  dropbearkey -t ecdsa -f dropbear_host >/dev/null
  dropbearconvert openssh dropbear user_key dropbear_key
  mkdir -p home/.ssh
  cp user_key.pub home/.ssh/authorized_keys
  chown -R 4001 home
  chmod 700 home/.ssh
  serve dropbear -F -E -r "$work/dropbear_host" -p 2222
  wait_tcp 2222
  start_capture
  in_client dbclient -y -y -p 2222 -i "$work/dropbear_key" alice@192.0.2.1 echo hello </dev/null || true
  DROPBEAR_PASSWORD=wrong in_client dbclient -y -y -p 2222 alice@192.0.2.1 echo hello </dev/null || true
  in_client ssh -F none -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -p 2222 -i "$work/user_key" -o IdentitiesOnly=yes alice@192.0.2.1 echo hello </dev/null || true
}
