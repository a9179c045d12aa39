# TLS and DTLS from openssl s_server and nginx, asked by openssl s_client and curl. Keys and certificates are made for each capture.
# shellcheck shell=bash disable=SC2154  # here, work: lib.sh and record.sh set them

# certificate NAME SUBJECT KEYSPEC DAYS [EXTENSION]: NAME.key and NAME.pem, signed by ca.
certificate() {
  # shellcheck disable=SC2086
  openssl req -new -newkey $3 -nodes -keyout "$1.key" -out "$1.csr" -subj "$2" 2>/dev/null
  openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days "$4" -extfile <(printf '%s\n' "${5:-basicConstraints=CA:FALSE}") -out "$1.pem" 2>/dev/null
}
make_certificates() {
  openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -subj '/C=XX/O=Capture Test/CN=Capture CA' -days 3650 2>/dev/null
  certificate rsa '/C=XX/O=Capture Test/CN=rsa.example.com' rsa:2048 3640 $'subjectAltName=DNS:rsa.example.com,DNS:www.example.com,IP:192.0.2.2\nkeyUsage=digitalSignature,keyEncipherment\nextendedKeyUsage=serverAuth'
  certificate ecdsa '/C=XX/O=Capture Test/CN=ecdsa.example.com' 'ec -pkeyopt ec_paramgen_curve:P-256' 3640 $'subjectAltName=DNS:ecdsa.example.com,DNS:*.ecdsa.example.com,email:root@example.com,URI:https://example.com/\nbasicConstraints=CA:FALSE'
  certificate client '/C=XX/O=Capture Test/CN=client 7' rsa:2048 3640 'extendedKeyUsage=clientAuth'
  # Expired the day it is made: -days does not go below 1 in a request, so the dates are given.
  certificate expired '/C=XX/O=Capture Test/CN=expired.example.com' rsa:2048 1
  mkdir -p demo && : >index.txt && echo 01 >serial
  openssl ca -batch -config <(printf '[ca]\ndefault_ca=d\n[d]\nnew_certs_dir=demo\ndatabase=index.txt\nserial=serial\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n') \
    -cert ca.pem -keyfile ca.key -in expired.csr -startdate 20200101000000Z -enddate 20210101000000Z -notext -out expired.pem 2>/dev/null
}
# tls_server PORT [option …]: s_server with the RSA certificate unless another is given.
tls_server() {
  local port=$1
  shift
  case " $* " in *" -cert "*) ;; *) set -- -cert rsa.pem -key rsa.key "$@" ;; esac
  serve openssl s_server -accept "192.0.2.2:$port" -cert_chain ca.pem -www -quiet "$@"
  wait_tcp "$port"
}
# tls_client PORT [option …]: asks for a page.
tls_client() {
  local port=$1
  shift
  case " $* " in *" -servername "* | *" -noservername "*) ;; *) set -- -servername rsa.example.com "$@" ;; esac
  { printf 'GET / HTTP/1.0\r\n\r\n'; sleep 0.4; } | in_client openssl s_client -connect "192.0.2.2:$port" -CAfile ca.pem "$@" >/dev/null 2>&1 || true
}

record_tls_versions() {
  make_certificates
  tls_server 443 -cipher ALL:@SECLEVEL=0
  start_capture
  local version
  for version in tls1 tls1_1 tls1_2 tls1_3; do tls_client 443 -$version -cipher ALL:@SECLEVEL=0; done
}
record_tls12_ciphers() {
  make_certificates
  tls_server 443
  tls_server 444 -cert ecdsa.pem -key ecdsa.key
  start_capture
  tls_client 443 -tls1_2 -cipher ECDHE-RSA-AES256-GCM-SHA384
  tls_client 443 -tls1_2 -cipher AES128-SHA256
  tls_client 443 -tls1_2 -cipher DHE-RSA-AES128-GCM-SHA256
  tls_client 443 -tls1_2 -cipher ECDHE-RSA-CHACHA20-POLY1305 -groups P-384
  tls_client 444 -tls1_2 -servername ecdsa.example.com
  tls_client 444 -tls1_2 -noservername
}
record_tls13_handshakes() {
  make_certificates
  tls_server 443
  tls_server 444 -cert ecdsa.pem -key ecdsa.key -groups P-384
  start_capture
  tls_client 443 -tls1_3
  tls_client 443 -tls1_3 -ciphersuites TLS_CHACHA20_POLY1305_SHA256
  tls_client 444 -tls1_3 -servername ecdsa.example.com -groups X25519:P-384  # the server asks for another group: HelloRetryRequest
}
record_tls_client_certificate() {
  make_certificates
  tls_server 443 -Verify 1 -CAfile ca.pem
  start_capture
  local version
  for version in tls1_2 tls1_3; do
    tls_client 443 -$version -cert client.pem -key client.key
    tls_client 443 -$version
  done
}
record_tls_resumption() {
  make_certificates
  tls_server 443
  tls_server 444 -no_ticket
  start_capture
  tls_client 443 -tls1_2 -sess_out ticket
  tls_client 443 -tls1_2 -sess_in ticket
  tls_client 444 -tls1_2 -sess_out id
  tls_client 444 -tls1_2 -sess_in id
  tls_client 443 -tls1_3 -sess_out psk
  tls_client 443 -tls1_3 -sess_in psk
}
record_tls13_early_data() {
  make_certificates
  # No page from a server that takes early data; it ends a connection when its own input ends.
  serve sh -c 'sleep 60 | openssl s_server -accept 192.0.2.2:443 -cert rsa.pem -key rsa.key -early_data -quiet'
  wait_tcp 443
  start_capture
  tls_client 443 -tls1_3 -sess_out psk
  printf 'GET /early HTTP/1.0\r\n\r\n' >early
  tls_client 443 -tls1_3 -sess_in psk -early_data early
}
record_tls_alerts() {
  make_certificates
  tls_server 443
  tls_server 444 -cert expired.pem -key expired.key
  tls_server 445 -tls1_2 -cipher AES128-SHA
  tls_server 446 -tls1_3
  start_capture
  openssl req -x509 -newkey rsa:2048 -nodes -keyout other.key -out other.pem -subj '/CN=Another CA' -days 10 2>/dev/null
  tls_client 443 -tls1_2 -verify_return_error -CAfile other.pem
  tls_client 443 -tls1_3 -verify_return_error -CAfile other.pem
  tls_client 444 -tls1_2 -verify_return_error
  tls_client 444 -tls1_3 -verify_return_error
  tls_client 445 -tls1_2 -cipher ECDHE-RSA-AES256-GCM-SHA384
  tls_client 445 -tls1_3
  tls_client 446 -tls1_2
  tls_client 443 -tls1_2 -verify_hostname wrong.example.com -verify_return_error
  printf 'this is no TLS at all\r\n' | in_client nc -q 1 -w 2 192.0.2.2 443 >/dev/null || true
  { sleep 0.3; } | in_client nc -q 1 -w 2 192.0.2.2 443 >/dev/null || true
}
record_tls_alpn_and_nginx() {
  make_certificates
  make_site
  mkdir -p nginx
  cat rsa.pem ca.pem >chain.pem
  cat >nginx.conf <<END
daemon off; worker_processes 1; user root; pid $work/nginx/pid; error_log $work/nginx/error.log;
events { }
http {
  access_log off; root $work/site; client_body_temp_path $work/nginx; proxy_temp_path $work/nginx; fastcgi_temp_path $work/nginx;
  uwsgi_temp_path $work/nginx; scgi_temp_path $work/nginx;
  server { listen 443 ssl http2; listen [::]:443 ssl http2; ssl_certificate $work/chain.pem; ssl_certificate_key $work/rsa.key; ssl_protocols TLSv1.2 TLSv1.3; }
  server { listen 192.0.2.3:8443 ssl; ssl_certificate $work/ecdsa.pem; ssl_certificate_key $work/ecdsa.key; ssl_protocols TLSv1.2; }
}
END
  serve nginx -p "$work/nginx" -c "$work/nginx.conf"
  wait_tcp 443
  printf 'User root\nGroup root\nPort 8888\nListen 192.0.2.3\nTimeout 10\nMaxClients 5\nStartServers 1\nConnectPort 443\nAllow 192.0.2.0/24\n' >proxy.conf
  serve tinyproxy -d -c "$work/proxy.conf"
  wait_tcp 8888
  start_capture
  get --cacert ca.pem https://www.example.com/
  get --cacert ca.pem --http1.1 --tls-max 1.2 https://www.example.com/data.json
  get --cacert ca.pem --no-alpn https://rsa.example.com/
  get -k 'https://[2001:db8::1]/data.json'
  get -k https://192.0.2.3:8443/
  get --cacert ca.pem -p -x http://proxy.example.com:8888 https://www.example.com/data.json
}
record_tls_lossy() {
  make_certificates
  tls_server 443
  lossy 0.06 0.04 0.03 23
  start_capture
  local version
  for version in tls1_2 tls1_3 tls1_2 tls1_3 tls1_2 tls1_3; do tls_client 443 -$version; done
}
record_dtls12() {
  make_certificates
  serve sh -c 'sleep 60 | openssl s_server -accept 192.0.2.2:4433 -dtls1_2 -cert rsa.pem -key rsa.key -quiet'
  wait_udp 4433
  start_capture
  { echo 'hello over datagrams'; sleep 0.4; } | in_client openssl s_client -connect 192.0.2.2:4433 -dtls1_2 -servername rsa.example.com >/dev/null 2>&1 || true
  { echo 'small packets'; sleep 0.4; } | in_client openssl s_client -connect 192.0.2.2:4433 -dtls1_2 -mtu 400 -alpn coap -noservername >/dev/null 2>&1 || true
  { sleep 0.2; } | in_client openssl s_client -connect 192.0.2.2:4433 -dtls1_2 -cipher ECDHE-ECDSA-AES128-GCM-SHA256 >/dev/null 2>&1 || true
}
