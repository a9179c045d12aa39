# Tickets from MIT's KDC.
# shellcheck shell=bash disable=SC2154  # here, work: lib.sh and record.sh set them

# kdc: a realm with alice, whose password is "secret", carol, who has expired, and the service host/server.example.com.
kdc() {
  make_certificates
  # The KDC's certificate and alice's (RFC 4556 sections 3.2.2 and 3.2.4).
  printf '%s\n' '[kdc]' 'extendedKeyUsage = 1.3.6.1.5.2.3.5' 'subjectAltName = otherName:1.3.6.1.5.2.2;SEQUENCE:kdc_name' \
    '[client]' 'extendedKeyUsage = 1.3.6.1.5.2.3.4' 'subjectAltName = otherName:1.3.6.1.5.2.2;SEQUENCE:client_name' \
    '[kdc_name]' 'realm = EXP:0,GeneralString:EXAMPLE.COM' 'name = EXP:1,SEQUENCE:kdc_principal' \
    '[kdc_principal]' 'type = EXP:0,INTEGER:2' 'parts = EXP:1,SEQUENCE:kdc_parts' \
    '[kdc_parts]' '1 = GeneralString:krbtgt' '2 = GeneralString:EXAMPLE.COM' \
    '[client_name]' 'realm = EXP:0,GeneralString:EXAMPLE.COM' 'name = EXP:1,SEQUENCE:client_principal' \
    '[client_principal]' 'type = EXP:0,INTEGER:1' 'parts = EXP:1,SEQUENCE:client_parts' \
    '[client_parts]' '1 = GeneralString:alice' >pkinit.cnf
  local name
  for name in kdc client; do
    openssl req -new -newkey rsa:2048 -nodes -keyout $name.key -out $name.csr -subj "/C=XX/O=Capture Test/CN=$name" 2>/dev/null
    openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 3650 -extfile pkinit.cnf -extensions $name -out $name.pem 2>/dev/null
  done
  export KRB5_CONFIG=$work/krb5.conf KRB5_KDC_PROFILE=$work/kdc.conf
  printf '%s\n' '[libdefaults]' 'default_realm = EXAMPLE.COM' 'dns_lookup_kdc = false' 'dns_canonicalize_hostname = false' 'rdns = false' \
    '[realms]' 'EXAMPLE.COM = {' 'kdc = 192.0.2.1' "pkinit_anchors = FILE:$work/ca.pem" '}' >krb5.conf
  printf '%s\n' '[realms]' 'EXAMPLE.COM = {' "database_name = $work/principal" "key_stash_file = $work/stash" "acl_file = $work/acl" \
    "pkinit_identity = FILE:$work/kdc.pem,$work/kdc.key" "pkinit_anchors = FILE:$work/ca.pem" '}' >kdc.conf
  kdb5_util create -s -P master -r EXAMPLE.COM >/dev/null 2>&1
  for name in '-pw secret alice' '-pw secret -expire 2020-01-01 carol' '-randkey host/server.example.com' '-randkey WELLKNOWN/ANONYMOUS'; do
    kadmin.local -q "addprinc $name" >/dev/null 2>&1
  done
  kadmin.local -q 'modprinc +requires_preauth alice' >/dev/null 2>&1
  serve krb5kdc -n
  wait_tcp 88
}
# password NAME PASSWORD [option …]: asks for the first ticket.
password() {
  local name=$1 word=$2
  shift 2
  in_client kinit -c "$work/cache" "$@" "$name" <<<"$word" || true
}

record_kerberos_udp() {
  kdc
  start_capture
  password alice secret -f -r 2d
  in_client kvno -c "$work/cache" host/server.example.com || true
  in_client kvno -c "$work/cache" host/missing.example.com || true
  password alice wrong
  password carol secret
  password nobody secret
}
# With certificates, too; their messages are too long for a datagram.
record_kerberos_tcp() {
  kdc
  sed -i 's/^dns_lookup_kdc/udp_preference_limit = 1\n&/' krb5.conf
  start_capture
  password alice secret
  in_client kvno -c "$work/cache" host/server.example.com || true
  in_client kinit -c "$work/cache" -X "X509_user_identity=FILE:$work/client.pem,$work/client.key" alice </dev/null || true
  in_client kinit -c "$work/cache" -n </dev/null || true
}
