# FTP from vsftpd, asked by curl, and SMTP from postfix, asked by swaks.
# shellcheck shell=bash disable=SC2154  # here, work: lib.sh and record.sh set them

# ftp_server [setting …]: vsftpd with a folder that anybody may read, and one that anybody may write to.
ftp_server() {
  mkdir -p ftp/pub ftp/incoming
  printf 'A short text.\n' >ftp/pub/notes.txt
  head -c 6000 /dev/zero | tr '\0' 'z' >ftp/pub/long.txt
  printf '%%PDF-1.5\n%%%%EOF\n' >ftp/pub/paper.pdf
  chmod 755 "$work" ftp ftp/pub
  chown ftp ftp/incoming
  {
    printf '%s\n' listen_ipv6=YES listen=NO background=NO anonymous_enable=YES local_enable=NO write_enable=YES anon_upload_enable=YES
    printf '%s\n' anon_mkdir_write_enable=YES anon_other_write_enable=YES isolate_network=NO seccomp_sandbox=NO ftp_username=ftp
    printf '%s\n' "anon_root=$work/ftp" "secure_chroot_dir=$work/empty" xferlog_enable=NO "$@"
  } >vsftpd.conf
  mkdir -p empty
  serve vsftpd "$work/vsftpd.conf"
  wait_tcp 21
}
# fetch URL [option …]: by curl, which never asks twice.
fetch() { in_client curl -sS -o fetched "$@" || true; }

record_ftp_passive() {
  ftp_server
  start_capture
  fetch --disable-epsv ftp://192.0.2.1/pub/notes.txt
  fetch ftp://192.0.2.1/pub/long.txt
  fetch ftp://192.0.2.1/pub/
  fetch ftp://192.0.2.1/pub/missing.txt
  fetch -T ftp/pub/paper.pdf ftp://192.0.2.1/incoming/
  fetch -Q 'DELE incoming/paper.pdf' ftp://192.0.2.1/pub/paper.pdf
  sleep 6
}
record_ftp_active() {
  ftp_server
  start_capture
  fetch -P - --disable-eprt ftp://192.0.2.1/pub/notes.txt
  fetch -P - ftp://192.0.2.1/pub/long.txt
  fetch -P - -T ftp/pub/paper.pdf ftp://192.0.2.1/incoming/
}
record_ftp_ipv6() {
  ftp_server
  start_capture
  fetch -g 'ftp://[2001:db8::1]/pub/notes.txt'
  fetch -g -P - 'ftp://[2001:db8::1]/pub/paper.pdf'
}
record_ftp_tls() {
  make_certificates
  ftp_server ssl_enable=YES allow_anon_ssl=YES "rsa_cert_file=$work/rsa.pem" "rsa_private_key_file=$work/rsa.key" require_ssl_reuse=NO
  start_capture
  fetch -k --ssl-reqd --tls-max 1.2 ftp://192.0.2.1/pub/notes.txt
  fetch -k --ssl-reqd ftp://192.0.2.1/pub/paper.pdf
}

# mail_server [setting …]: postfix that takes any mail for example.com and throws it away.
mail_server() {
  mkdir -p postfix spool data
  chmod 755 "$work"
  chown postfix data
  {
    printf '%s\n' compatibility_level=3.6 "queue_directory=$work/spool" "data_directory=$work/data" mail_owner=postfix myhostname=mail.example.com
    printf '%s\n' mydestination=example.com mynetworks=192.0.2.0/24 inet_interfaces=all inet_protocols=ipv4 local_transport=discard: alias_maps=
    printf '%s\n' local_recipient_maps= default_transport=discard: maillog_file=/dev/stdout smtpd_peername_lookup=no "$@"
  } >postfix/main.cf
  cat >postfix/master.cf <<-'EOF'
	smtp      inet  n - n - - smtpd
	cleanup   unix  n - n - 0 cleanup
	qmgr      unix  n - n 300 1 qmgr
	rewrite   unix  - - n - - trivial-rewrite
	tlsmgr    unix  - - n 1000? 1 tlsmgr
	anvil     unix  - - n - 1 anvil
	bounce    unix  - - n - 0 bounce
	defer     unix  - - n - 0 bounce
	proxymap  unix  - - n - - proxymap
	discard   unix  - - n - - discard
	error     unix  - - n - - error
	postlog   unix-dgram n - n - 1 postlogd
	EOF
  # swaks asks for the name of the machine it runs on.
  echo "192.0.2.10 $(hostname)" >>/etc/netns/sensor-client/hosts
  serve postfix -c "$work/postfix" start-fg
  wait_tcp 25
}
# send [option …]: one mail by swaks.
send() {
  in_client swaks --silent 3 --server 192.0.2.1 --helo client.example.com --from alice@example.com --to bob@example.com \
    --header 'Message-Id: <1@client.example.com>' --header 'Subject: A test' --header 'Date: Mon, 05 Jan 2026 10:00:00 +0000' "$@" </dev/null || true
}

record_smtp_mail() {
  mail_server
  printf '%%PDF-1.5\n%%%%EOF\n' >paper.pdf
  head -c 9000 /dev/zero | tr '\0' 'z' >long.txt
  start_capture
  send --body 'A short text.'
  send --to bob@example.com,carol@example.com --attach-name paper.pdf --attach-type application/pdf --attach @paper.pdf --attach-name long.txt --attach-type text/plain --attach @long.txt \
    --add-header 'X-Mailer: by hand' --add-header 'Received: from origin.example.com (origin.example.com [203.0.113.5]) by relay.example.com'
  send --to nobody@elsewhere.example --from '<>'
  send --quit-after RCPT
}
record_smtp_pipelined() {
  mail_server
  start_capture
  send --pipeline --body 'One.'
  # Two mails in one connection, the second one in chunks.
  {
    printf 'EHLO client.example.com\r\n'
    sleep 0.5
    printf 'MAIL FROM:<alice@example.com>\r\nRCPT TO:<bob@example.com>\r\nDATA\r\n'
    sleep 0.5
    printf 'Subject: plain\r\n\r\nA line.\r\n..\r\n.\r\nMAIL FROM:<alice@example.com>\r\nRCPT TO:<carol@example.com>\r\n'
    sleep 0.5
    printf 'BDAT 24\r\nSubject: chunks\r\n\r\nhalf BDAT 13 LAST\r\n of a line.\r\nQUIT\r\n'
    sleep 0.5
  } | in_client nc -q 1 192.0.2.1 25 >/dev/null
}
record_smtp_starttls() {
  make_certificates
  mail_server smtpd_tls_security_level=may "smtpd_tls_cert_file=$work/rsa.pem" "smtpd_tls_key_file=$work/rsa.key"
  start_capture
  send --tls --body 'Not to be read.'
  send --tls --tls-protocol tlsv1_2 --body 'Not to be read.'
  send --body 'In the clear.'
}
