# Modbus between pymodbus and pymodbus.
# shellcheck shell=bash disable=SC2154  # here: record.sh sets it

# On its port, and on another one.
record_modbus_functions() {
  local port
  for port in 502 1502; do
    serve /usr/bin/python3 "$here/modbus_server.py" 192.0.2.1 $port
    wait_tcp $port
  done
  start_capture
  for port in 502 1502; do in_client /usr/bin/python3 "$here/modbus_client.py" 192.0.2.1 $port; done
}
