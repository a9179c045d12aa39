# SNMP: snmpd, asked by the tools of Net-SNMP; a trap that nobody takes.
# shellcheck shell=bash disable=SC2154  # here, work: lib.sh and record.sh set them

record_snmp() {
  printf '%s\n' 'rocommunity public' 'rwcommunity private' 'sysDescr A device for tests' 'sysContact nobody@example.com' \
    'createUser alice SHA authpassword AES privpassword' 'rouser alice noauth' 'createUser bob' 'rouser bob noauth' >snmpd.conf
  export SNMP_PERSISTENT_DIR=$work MIBS=''
  serve snmpd -f -Lo -C -c "$work/snmpd.conf" -I -smux udp:161 udp:1161
  wait_udp 161
  start_capture
  local system=1.3.6.1.2.1.1
  in_client snmpget -v1 -c public 192.0.2.1 $system.1.0 $system.3.0
  in_client snmpgetnext -v2c -c public 192.0.2.1:1161 $system.4
  in_client snmpbulkget -v2c -c public -Cr3 192.0.2.1 $system
  in_client snmpset -v2c -c private 192.0.2.1 $system.6.0 s here || true
  in_client snmpget -v3 -u bob -l noAuthNoPriv 192.0.2.1 $system.5.0
  in_client snmpget -v3 -u alice -l authPriv -a SHA -A authpassword -x AES -X privpassword 192.0.2.1 $system.1.0
  in_client snmpget -v2c -c wrong -r 0 -t 1 192.0.2.1 $system.1.0 || true
  in_client snmptrap -v1 -c public 192.0.2.1 1.3.6.1.4.1.8072 192.0.2.10 6 1 100
  in_client snmptrap -v2c -c public 192.0.2.1 100 1.3.6.1.6.3.1.1.5.1
}
