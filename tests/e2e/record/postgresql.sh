# PostgreSQL, asked by psql.
# shellcheck shell=bash disable=SC2154  # here, work: lib.sh and record.sh set them

# postgresql_server [setting …]: as the user that the package made; alice logs in with a password.
postgresql_server() {
  local bin
  bin=$(echo /usr/lib/postgresql/*/bin)
  make_certificates
  chmod 755 "$work"
  mkdir -p data
  chown postgres data
  runuser -u postgres -- "$bin/initdb" -D "$work/data" -U postgres -A trust >/dev/null
  printf '%s\n' "CREATE USER alice PASSWORD 'secret'" 'CREATE DATABASE shop OWNER alice' |
    runuser -u postgres -- "$bin/postgres" --single -D "$work/data" postgres >/dev/null
  echo 'host all all all scram-sha-256' >data/pg_hba.conf
  install -o postgres -m 600 rsa.pem rsa.key data
  serve runuser -u postgres -- "$bin/postgres" -D "$work/data" -c listen_addresses=192.0.2.1 -c unix_socket_directories= -c fsync=off "$@"
  wait_tcp 5432
}
# ask PASSWORD [option …]: psql, commands on standard input.
ask() {
  local password=$1
  shift
  PGPASSWORD=$password in_client psql -X -h 192.0.2.1 -U alice -d shop "$@" >/dev/null 2>&1 || true
}

record_postgresql_queries() {
  postgresql_server
  start_capture
  ask secret <<-'SQL'
	CREATE TABLE goods (name text, price int);
	INSERT INTO goods VALUES ('pear', 3), ('plum', 2);
	SELECT * FROM goods ORDER BY price;
	SELECT nothing FROM nowhere;
	DROP TABLE IF EXISTS nowhere;
	BEGIN;
	DELETE FROM goods;
	ROLLBACK;
	SQL
  ask wrong </dev/null
}
record_postgresql_tls() {
  postgresql_server -c ssl=on -c ssl_cert_file=rsa.pem -c ssl_key_file=rsa.key
  start_capture
  echo 'SELECT 1;' | ask secret
  echo 'SELECT 1;' | PGSSLMODE=disable ask secret
}
