# MQTT: Mosquitto's broker and clients.
# shellcheck shell=bash disable=SC2154  # work: lib.sh sets it

# mqtt_broker PORT [line of its configuration …]
mqtt_broker() {
  local port=$1
  shift
  printf '%s\n' "listener $port 192.0.2.1" "$@" >"$work/mosquitto-$port.conf"
  serve mosquitto -c "$work/mosquitto-$port.conf"
  wait_tcp "$port"
}

# Every quality of service, a retained message, a client that is lost, and a subscription that ends, in all versions, on the port and another one.
record_mqtt_messages() {
  mqtt_broker 1883 'allow_anonymous true'
  mqtt_broker 2883 'allow_anonymous true'
  start_capture
  local port version
  for port in 1883 2883; do
    for version in mqttv31 mqttv311 mqttv5; do
      in_client mosquitto_sub -h 192.0.2.1 -p $port -V $version -i listener -t 'house/#' -t garden -U attic -q 2 -C 3 -W 10 >/dev/null &
      local listener=$!
      sleep 0.5
      in_client mosquitto_pub -h 192.0.2.1 -p $port -V $version -i sensor -t house/door -m open -q 0
      in_client mosquitto_pub -h 192.0.2.1 -p $port -V $version -i sensor -t house/light -m on -q 1 -r
      in_client mosquitto_pub -h 192.0.2.1 -p $port -V $version -i sensor --will-topic garden --will-payload lost -t garden -m rain -q 2
      wait $listener || true
    done
  done
}
# A broker that wants a password.
record_mqtt_refused() {
  mosquitto_passwd -b -c "$work/passwords" alice secret
  chmod 644 "$work/passwords"
  chmod 755 "$work"
  mqtt_broker 1883 'allow_anonymous false' "password_file $work/passwords"
  start_capture
  in_client mosquitto_pub -h 192.0.2.1 -u alice -P wrong -t house/door -m open || true
  in_client mosquitto_pub -h 192.0.2.1 -u alice -P secret -t house/door -m open
  in_client mosquitto_pub -V mqttv5 -h 192.0.2.1 -t house/door -m open || true
}
