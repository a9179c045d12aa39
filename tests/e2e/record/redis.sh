# Redis, asked by redis-cli.
# shellcheck shell=bash disable=SC2154  # here, work: lib.sh and record.sh set them

redis_server() {
  serve redis-server --bind 192.0.2.1 --protected-mode no --save '' --dir "$work" "$@"
}

record_redis_commands() {
  redis_server --requirepass secret
  wait_tcp 6379
  start_capture
  # Before it has logged in, redis-cli cannot load the long list of all commands.
  printf '%s\n' 'GET early' 'AUTH secret' 'SET greeting "hello there" EX 60' 'GET greeting' 'GET nobody' 'INCRBY hits 5' 'HSET user:1 name alice age 30' 'HGETALL user:1' \
    'LPUSH list a b c' 'LRANGE list 0 -1' 'LPUSH hits 1' 'DEL greeting hits' 'NOSUCH thing' | in_client redis-cli -h 192.0.2.1 >/dev/null
  # RESP 3.
  {
    printf 'HELLO 3 AUTH default secret\r\n'
    sleep 0.3
    printf 'HSET user:2 name bob\r\nHGETALL user:2\r\nSADD set x y\r\nSMEMBERS set\r\nGET nobody\r\n'
  } | in_client nc -q 1 192.0.2.1 6379 >/dev/null
}
# Commands all at once, on another port; the messages of a channel.
record_redis_pipelined() {
  redis_server
  redis_server --port 7379
  wait_tcp 6379
  wait_tcp 7379
  start_capture
  printf 'PING\r\nSET k "quoted value"\r\nGET k\r\nCLIENT REPLY SKIP\r\nPING\r\nGET k\r\n' | in_client nc -q 1 192.0.2.1 7379 >/dev/null
  {
    printf 'PSUBSCRIBE new*\r\n'
    sleep 1
    printf 'PUNSUBSCRIBE new*\r\nRESET\r\nGET k\r\n'
    sleep 0.5
  } | in_client nc -q 1 192.0.2.1 6379 >/dev/null &
  local listener=$!
  sleep 0.5
  in_client redis-cli -h 192.0.2.1 PUBLISH news 'something happened' >/dev/null
  wait $listener
}
