# HTTP from nginx, apache2, lighttpd and Python's http.server, asked by curl, wget, ab and nc.
# shellcheck shell=bash disable=SC2154  # here, work: lib.sh and record.sh set them

make_site() {
  mkdir -p site/private site/dav
  {
    echo '<!DOCTYPE html><html><head><title>Captured</title></head><body>'
    for i in $(seq 60); do echo "<p>Paragraph $i of a page that compresses well.</p>"; done
    echo '</body></html>'
  } >site/index.html
  echo '{"answer": 42, "list": [1, 2, 3]}' >site/data.json
  printf '\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\10\6\0\0\0\x1f\x15\xc4\x89\0\0\0\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\0\5\5\2\0_\xc8\xf1\xd2\0\0\0\0IEND\xaeB`\x82' >site/dot.png
  # The same bytes every time: text of 20 kB.
  seq 1 4200 >site/numbers.txt
  echo secret >site/private/page.txt
  touch -d '2023-11-14 22:13:20 UTC' site/*.*
}
start_nginx() {
  make_site
  mkdir -p nginx
  printf 'user:%s\n' "$(openssl passwd -apr1 password)" >nginx/passwords
  cat >nginx.conf <<END
daemon off; worker_processes 1; user root; pid $work/nginx/pid; error_log $work/nginx/error.log;
events { }
http {
  include /etc/nginx/mime.types; access_log off; gzip on; gzip_types application/json; root $work/site; server_tokens on;
  client_body_temp_path $work/nginx; proxy_temp_path $work/nginx; fastcgi_temp_path $work/nginx; uwsgi_temp_path $work/nginx; scgi_temp_path $work/nginx;
  server {
    listen 80; listen [::]:80; listen 8080; server_name www.example.com;
    location /private/ { auth_basic "Private"; auth_basic_user_file $work/nginx/passwords; }
    location /dav/ { dav_methods PUT DELETE MKCOL COPY MOVE; create_full_put_path on; }
    location /old { return 301 http://www.example.com/index.html; }
    location /broken { return 500; }
    location /ratelimit { return 429 "slow down\n"; }
  }
}
END
  serve nginx -p "$work/nginx" -c "$work/nginx.conf"
  wait_tcp 80
}
start_python() {
  serve python3 "$here/http_server.py" 8000
  wait_tcp 8000
}
get() { in_client curl -s -o /dev/null -m 5 "$@" || true; }
# said TEXT HOST PORT: sends it as it is, escapes as in printf, and waits for what comes back.
# shellcheck disable=SC2059
said() { printf "$1" | in_client nc -q 1 -w 3 "$2" "$3" >/dev/null || true; }

record_http_get() {
  start_nginx
  start_capture
  get http://www.example.com/
  get http://www.example.com/data.json http://www.example.com/dot.png http://www.example.com/none.html
  get -A 'Capture/1.0 (a; b)' -e http://www.example.com/ 'http://www.example.com/index.html?q=a%20b&c=%C3%BC'
  get -L http://www.example.com/old
  get http://www.example.com:8080/broken
  get http://192.0.2.1/ratelimit
  get -0 http://www.example.com/data.json
}
record_http_head_and_methods() {
  start_nginx
  start_python
  start_capture
  get -I http://www.example.com/
  get -X OPTIONS http://www.example.com:8000/
  get -X DELETE http://www.example.com:8000/thing
  get -X PATCH -d '{"a":1}' -H 'Content-Type: application/json' http://www.example.com:8000/thing
  get -X PROPFIND http://www.example.com/
  get -T site/numbers.txt http://www.example.com/dav/copy.txt
  get -X TRACE http://www.example.com/
}
record_http_post_and_upload() {
  start_nginx
  start_python
  start_capture
  get -d 'name=value&other=%26' http://www.example.com:8000/form
  get -F 'file=@site/dot.png;type=image/png' -F 'note=hello' -F 'second=@site/data.json' http://www.example.com:8000/upload
  get -T site/numbers.txt -H 'Expect: 100-continue' http://www.example.com:8000/put
  get -H 'Transfer-Encoding: chunked' -d @site/numbers.txt http://www.example.com:8000/chunked-upload
}
record_http_answers() {
  start_python
  start_capture
  local path
  for path in chunked until-close hints empty redirect busy attachment; do get "http://www.example.com:8000/$path"; done
}
record_http_cache_and_ranges() {
  start_nginx
  start_capture
  get -r 0-99 http://www.example.com/numbers.txt
  get -r 100-199,300-399 http://www.example.com/numbers.txt
  get -r 99999999- http://www.example.com/numbers.txt
  get -z '2023-11-15' http://www.example.com/numbers.txt
  get -H 'If-None-Match: "none"' http://www.example.com/data.json
  in_client wget -q -O - -S --start-pos=19000 http://www.example.com/numbers.txt >/dev/null 2>&1 || true
}
record_http_gzip() {
  start_nginx
  start_capture
  get --compressed http://www.example.com/
  get --compressed http://www.example.com/data.json
  in_client wget -q -O /dev/null --compression=gzip http://www.example.com/ || true
}
record_http_auth() {
  start_nginx
  start_capture
  get http://www.example.com/private/page.txt
  get -u user:password http://www.example.com/private/page.txt
  get -u user:wrong http://www.example.com/private/page.txt
}
record_http_pipelined() {
  start_nginx
  start_capture
  said 'GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\nGET /data.json HTTP/1.1\r\nHost: www.example.com\r\n\r\nHEAD /dot.png HTTP/1.1\r\nHost: www.example.com\r\nConnection: close\r\n\r\n' www.example.com 80
  said 'GET /data.json HTTP/1.0\r\n\r\n' www.example.com 80
  said 'GET /\r\n' www.example.com 80
  said 'get / http/1.1\r\n\r\n' www.example.com 80
  said 'GET / HTTP/1.1\n\n' www.example.com 80
  said 'GET / HTTP/1.1\r\nHost: www.example.com\r\nX-Folded: a\r\n b\r\nConnection: close\r\n\r\n' www.example.com 80
}
record_http_apache() {
  make_site
  mkdir -p apache
  cat >apache.conf <<END
ServerRoot $work/apache
PidFile $work/apache/pid
ErrorLog $work/apache/error.log
Listen 192.0.2.3:80
ServerName apache.example.com
DocumentRoot $work/site
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule dir_module /usr/lib/apache2/modules/mod_dir.so
LoadModule mime_module /usr/lib/apache2/modules/mod_mime.so
LoadModule autoindex_module /usr/lib/apache2/modules/mod_autoindex.so
LoadModule deflate_module /usr/lib/apache2/modules/mod_deflate.so
LoadModule filter_module /usr/lib/apache2/modules/mod_filter.so
TypesConfig /etc/mime.types
AddOutputFilterByType DEFLATE text/html text/plain
Options Indexes
KeepAlive On
END
  chmod 755 "$work"
  serve apache2 -DFOREGROUND -f "$work/apache.conf"
  wait_tcp 80
  start_capture
  get http://apache.example.com/
  get --compressed http://apache.example.com/numbers.txt
  get http://apache.example.com/private/
  in_client wget -q -O /dev/null http://apache.example.com/dot.png || true
  in_client ab -q -n 6 -c 2 -k http://apache.example.com/data.json >/dev/null || true
}
record_http_lighttpd() {
  make_site
  printf 'server.document-root = "%s/site"\nserver.port = 80\nserver.bind = "192.0.2.2"\nindex-file.names = ("index.html")\nmimetype.assign = (".html" => "text/html", ".json" => "application/json", ".txt" => "text/plain", "" => "application/octet-stream")\n' \
    "$work" >lighttpd.conf
  serve lighttpd -D -f "$work/lighttpd.conf"
  wait_tcp 80
  start_capture
  get http://api.example.com/ http://api.example.com/numbers.txt http://api.example.com/dot.png
  in_client wget -q -O /dev/null http://api.example.com/data.json || true
  in_client ab -q -n 4 -c 1 http://api.example.com/data.json >/dev/null || true
}
record_http_proxy() {
  start_nginx
  start_python
  printf 'User root\nGroup root\nPort 8888\nListen 192.0.2.3\nTimeout 10\nMaxClients 5\nStartServers 1\nConnectPort 80\nConnectPort 443\nAllow 192.0.2.0/24\n' >proxy.conf
  serve tinyproxy -d -c "$work/proxy.conf"
  wait_tcp 8888
  start_capture
  get -x http://proxy.example.com:8888 http://www.example.com/data.json
  get -x http://proxy.example.com:8888 http://www.example.com:8000/chunked
  get -p -x http://proxy.example.com:8888 http://www.example.com/data.json
  get -p -x http://proxy.example.com:8888 http://www.example.com:8000/empty
}
record_http_ipv6() {
  start_nginx
  start_capture
  get 'http://www6.example.com/data.json'
  get 'http://[2001:db8::1]/'
}
record_http_lossy() {
  start_nginx
  lossy 0.06 0.04 0.03 11
  start_capture
  local i
  for i in 1 2 3; do
    in_client curl -s -o /dev/null -m 20 http://www.example.com/numbers.txt "http://www.example.com/index.html?$i" || true
  done
}
record_http_dropped() {
  start_nginx
  start_capture
  local i
  for i in 1 2 3 4; do get "http://www.example.com/numbers.txt?$i" http://www.example.com/dot.png; done
  stop_capture
  python3 "$here/drop_packets.py" capture.pcap thinned.pcap 0.1 5
  mv thinned.pcap capture.pcap
  # shellcheck disable=SC2034  # record() looks at it: stopped already
  dump=''
}
