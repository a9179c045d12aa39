# MySQL's protocol: MariaDB's server and client.
# shellcheck shell=bash disable=SC2154  # work: lib.sh sets it

# mysql_server [option …]: alice logs in with a password, and may do all in the database shop.
mysql_server() {
  make_certificates
  chmod 755 "$work"
  mkdir -p data
  mysql_install_db --no-defaults --datadir="$work/data" --auth-root-authentication-method=normal --skip-test-db >/dev/null
  cat >init.sql <<-'SQL'
	CREATE DATABASE shop;
	CREATE USER alice@'%' IDENTIFIED BY 'secret';
	CREATE USER bob@'%' IDENTIFIED BY 'hidden';
	GRANT ALL ON shop.* TO alice@'%', bob@'%';
	SQL
  chown -R mysql data init.sql rsa.pem rsa.key
  serve mariadbd --no-defaults --user=mysql --datadir="$work/data" --bind-address=192.0.2.1 --socket="$work/data/socket" --init-file="$work/init.sql" \
    --skip-log-bin --innodb-buffer-pool-size=8M --local-infile=1 "$@"
  wait_tcp 3306
}
# ask USER PASSWORD [option …]: commands on standard input.
ask_mysql() {
  local user=$1 password=$2
  shift 2
  in_client mariadb --no-defaults -h 192.0.2.1 -u "$user" "-p$password" "$@" shop >/dev/null 2>&1 || true
}

record_mysql_queries() {
  mysql_server
  printf 'pear\t3\nplum\t2\n' >goods.txt
  start_capture
  ask_mysql alice secret --skip-ssl --local-infile --force <<-'SQL'
	CREATE TABLE goods (name text, price int);
	INSERT INTO goods VALUES ('fig', 9), ('kiwi', 7);
	LOAD DATA LOCAL INFILE 'goods.txt' INTO TABLE goods;
	SELECT * FROM goods ORDER BY price;
	SELECT nothing FROM nowhere;
	UPDATE goods SET price = price + 1;
	USE mysql;
	PREPARE cheap FROM 'SELECT name FROM goods WHERE price < ?';
	SQL
  ask_mysql alice wrong --skip-ssl </dev/null
  echo 'SELECT 1;' | ask_mysql bob hidden --skip-ssl
}
record_mysql_compressed() {
  mysql_server
  start_capture
  echo 'SELECT 1;' | ask_mysql alice secret --skip-ssl --compress
}
record_mysql_tls() {
  mysql_server --ssl-cert="$work/rsa.pem" --ssl-key="$work/rsa.key" --tls-version=TLSv1.2
  start_capture
  echo 'SELECT 1;' | ask_mysql alice secret --ssl
}
