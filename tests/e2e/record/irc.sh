# IRC: ngircd, spoken to by nc.
# shellcheck shell=bash disable=SC2154  # work: lib.sh sets it

# irc_server PORT
irc_server() {
  cat >"ngircd-$1.conf" <<-EOF
	[Global]
	Name = irc.example.com
	AdminInfo1 = nobody
	Listen = 192.0.2.1
	Ports = $1
	MotdPhrase = "Be kind."
	ServerUID = nobody
	ServerGID = nogroup
	[Options]
	DNS = no
	Ident = no
	PAM = no
	EOF
  chmod 755 "$work"
  serve ngircd -n -f "$work/ngircd-$1.conf"
  wait_tcp "$1"
}
# irc_client PORT LINE …: a line a moment after the other; what the server says goes to irc-said.
irc_client() {
  local port=$1 line
  shift
  for line in "$@"; do
    printf '%b\r\n' "$line"
    sleep 0.3
  done | in_client nc -q 1 192.0.2.1 "$port" >>irc-said
}

# On the port, and on another one.
record_irc_channels() {
  irc_server 6667
  irc_server 7000
  start_capture
  irc_client 6667 'NICK alice' 'USER al host irc.example.com :Alice of the West' 'JOIN #garden,#house key' 'PRIVMSG #garden :Hello.' 'NICK alison' 'JOIN :' 'QUIT :Bye'
  irc_client 7000 'USER bob host irc.example.com :Bob' 'NICK bob' 'JOIN #garden' 'QUIT'
}
# A file from the client to one on the server's machine.
record_irc_file() {
  irc_server 6667
  seq 2000 >numbers.txt
  start_capture
  in_client nc -q 1 -l 192.0.2.10 5555 <numbers.txt >/dev/null &
  local sender=$!
  irc_client 6667 'NICK alice' 'USER al host irc.example.com :Alice' 'JOIN #garden' "PRIVMSG bob :\\001DCC SEND numbers.txt 3221225994 5555 $(stat -c %s numbers.txt)\\001" \
    'PING x' 'PING x' 'PING x' 'QUIT' &
  local speaker=$!
  sleep 1.8
  in_server nc -d 192.0.2.10 5555 >/dev/null
  wait $sender $speaker
}
