# POP3 from dovecot, asked by curl, mpop and openssl.
# shellcheck shell=bash disable=SC2154  # work: lib.sh sets it

# pop3_server [setting …]: dovecot with two mails for bob, whose password is "secret".
pop3_server() {
  local i
  mkdir -p dovecot/run mail/bob/new mail/bob/cur mail/bob/tmp
  for i in 1 2; do
    {
      printf 'From: alice@example.com\r\nTo: bob@example.com\r\nSubject: Mail %s\r\nMIME-Version: 1.0\r\n' $i
      printf 'Content-Type: multipart/mixed; boundary=part\r\n\r\n--part\r\n\r\nA line.\r\n.\r\n--part\r\n'
      printf 'Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERi0xLjUKJSVFT0YK\r\n--part--\r\n'
    } >mail/bob/new/$i.example
  done
  chmod -R a+rwX "$work"
  {
    printf '%s\n' 'protocols = pop3' "base_dir = $work/dovecot/run" "log_path = /dev/stderr" "mail_location = maildir:$work/mail/%u"
    printf '%s\n' 'listen = 192.0.2.1' 'disable_plaintext_auth = no' 'auth_mechanisms = plain login cram-md5' 'first_valid_uid = 1'
    printf '%s\n' 'ssl = no' 'passdb {' '  driver = static' '  args = password=secret' '}'
    printf '%s\n' 'userdb {' '  driver = static' "  args = uid=nobody gid=nogroup home=$work/mail/%u" '}' "$@"
  } >dovecot/dovecot.conf
  serve dovecot -F -c "$work/dovecot/dovecot.conf"
  wait_tcp 110
}

record_pop3_mails() {
  pop3_server
  # mpop asks for the name of the machine it runs on.
  echo "192.0.2.10 $(hostname)" >>/etc/netns/sensor-client/hosts
  start_capture
  in_client curl -sS -o fetched -u bob:secret pop3://192.0.2.1/1 || true
  in_client curl -sS -o fetched -u bob:secret --login-options AUTH=LOGIN pop3://192.0.2.1/ || true
  in_client curl -sS -o fetched -u bob:wrong pop3://192.0.2.1/ || true
  printf 'account default\nhost 192.0.2.1\nuser bob\npassword secret\nauth user\nuidls_file %s/uidls\ndelivery mbox /dev/null\nkeep on\n' "$work" >mpoprc
  chmod 600 mpoprc
  in_client mpop -C mpoprc --tls=off || true
  # Commands that are none, and what comes too early.
  printf 'CAPA\r\nHELLO there\r\nSTAT\r\nUSER bob\r\nPASS secret\r\nTOP 1 1\r\nUIDL 2\r\nXTND\r\nQUIT\r\n' | in_client nc -q 2 192.0.2.1 110 || true
}
record_pop3_stls() {
  make_certificates
  pop3_server 'ssl = yes' "ssl_cert = <$work/rsa.pem" "ssl_key = <$work/rsa.key"
  start_capture
  in_client curl -sS -k --ssl-reqd -o fetched -u bob:secret pop3://192.0.2.1/1 || true
  { sleep 1; echo QUIT; sleep 1; } | in_client openssl s_client -starttls pop3 -connect 192.0.2.1:110 -tls1_2 -quiet || true
}
