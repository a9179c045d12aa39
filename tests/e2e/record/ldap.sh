# OpenLDAP's server, asked by its tools.
# shellcheck shell=bash disable=SC2154  # here, work: lib.sh and record.sh set them

# ldap_server: a directory below dc=example,dc=com that cn=admin may change; the password is "secret".
ldap_server() {
  make_certificates
  chmod 755 "$work"
  mkdir -p directory
  printf '%s\n' 'include /etc/ldap/schema/core.schema' 'include /etc/ldap/schema/cosine.schema' 'include /etc/ldap/schema/inetorgperson.schema' \
    'modulepath /usr/lib/ldap' 'moduleload back_mdb' "pidfile $work/slapd.pid" "TLSCertificateFile $work/rsa.pem" "TLSCertificateKeyFile $work/rsa.key" \
    'database mdb' 'suffix dc=example,dc=com' 'rootdn cn=admin,dc=example,dc=com' 'rootpw secret' "directory $work/directory" 'maxsize 10485760' >slapd.conf
  printf '%s\n' 'dn: dc=example,dc=com' 'objectClass: domain' 'dc: example' '' 'dn: ou=people,dc=example,dc=com' 'objectClass: organizationalUnit' 'ou: people' '' >entries.ldif
  local name
  for name in alice bob carol; do
    printf '%s\n' "dn: cn=$name,ou=people,dc=example,dc=com" 'objectClass: inetOrgPerson' "cn: $name" "sn: $name" "mail: $name@example.com" '' >>entries.ldif
  done
  slapadd -f slapd.conf -l entries.ldif >/dev/null 2>&1
  serve slapd -d 0 -f "$work/slapd.conf" -h 'ldap://192.0.2.1'
  wait_tcp 389
  export LDAPTLS_REQCERT=never
}
# ldap TOOL [option …]: as the administrator.
ldap() {
  local tool=$1
  shift
  in_client "ldap$tool" -x -H ldap://192.0.2.1 -D cn=admin,dc=example,dc=com -w secret "$@" || true
}

record_ldap_searches() {
  ldap_server
  start_capture
  ldap search -b dc=example,dc=com -LLL '(&(objectClass=inetOrgPerson)(|(cn=a*)(mail=*b*@example.com)(sn>=d)(!(sn=alice))))' cn
  ldap search -b ou=people,dc=example,dc=com -s one -a always '(cn:caseIgnoreMatch:=Carol)' mail
  ldap search -b ou=missing,dc=example,dc=com -s base
  in_client ldapsearch -x -H ldap://192.0.2.1 -b dc=example,dc=com -s base || true
  in_client ldapsearch -x -H ldap://192.0.2.1 -D cn=admin,dc=example,dc=com -w wrong -b dc=example,dc=com || true
}
record_ldap_changes() {
  ldap_server
  printf '%s\n' 'dn: cn=dave,ou=people,dc=example,dc=com' 'objectClass: inetOrgPerson' 'cn: dave' 'sn: dave' >added.ldif
  printf '%s\n' 'dn: cn=dave,ou=people,dc=example,dc=com' 'changetype: modify' 'add: mail' 'mail: dave@example.com' >modified.ldif
  start_capture
  ldap add -f added.ldif
  ldap add -f added.ldif
  ldap modify -f modified.ldif
  ldap compare cn=dave,ou=people,dc=example,dc=com mail:dave@example.com
  ldap modrdn cn=dave,ou=people,dc=example,dc=com cn=david
  ldap whoami
  ldap delete cn=david,ou=people,dc=example,dc=com
}
record_ldap_starttls() {
  ldap_server
  start_capture
  ldap search -ZZ -b dc=example,dc=com -LLL cn
}
