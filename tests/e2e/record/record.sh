#!/usr/bin/env bash
# record.sh [NAME …]: records the captures of ../captures from real clients and servers of Debian, each in network namespaces of its own, and
# replaces those that it records (all, or the ones named). Needs root. Nothing leaves the namespaces; they and all that ran in them are gone
# at the end, however it ends. What it installs: the list PACKAGES. ../README.md says how to add a capture.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
captures=$(cd "$here/../captures" && pwd)

PACKAGES=(finger fingerd socat apache2-bin apache2-utils avahi-daemon bind9 bind9-dnsutils bind9-utils curl dnsmasq-base dovecot-pop3d dropbear-bin ethtool freerdp2-x11 iproute2 iputils-arping iputils-ping ndisc6
  krb5-kdc krb5-admin-server krb5-pkinit krb5-user ldap-utils lftp lighttpd llmnrd media-types mosquitto mosquitto-clients mpop netcat-openbsd nginx-light openssh-client
  openssh-server openssl chrony ntpsec-ntpdate proftpd-core sip-tester snmp snmpd freeradius freeradius-utils isc-dhcp-client postfix postgresql python3 python3-pymodbus python3-serial-asyncio libio-socket-inet6-perl libnet-ssleay-perl
  redis-server redis-tools samba samba-common-bin slapd smbclient swaks tcpdump tinyproxy-bin traceroute vsftpd wget xrdp xvfb mariadb-client mariadb-server
  ngircd systemd-boot-efi tigervnc-standalone-server tigervnc-tools tigervnc-viewer)

[ "$(id -u)" -eq 0 ] || { echo "record.sh makes network namespaces and needs root; run it with sudo" >&2; exit 2; }
missing=()
for p in "${PACKAGES[@]}"; do dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing+=("$p"); done
if [ ${#missing[@]} -gt 0 ]; then
  # Without this the packages would start their daemons outside the namespaces.
  policy=/usr/sbin/policy-rc.d
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod +x $policy
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
  fi
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  rm -f $policy
fi

# shellcheck source=tests/e2e/record/lib.sh
. "$here/lib.sh"
for part in dns finger http tls network kerberos ldap mail modbus mqtt notices ntp pop3 sip snmp syslog radius dhcp postgresql rdp redis ssh smb dnp3 irc mysql pe rfb; do
  # shellcheck source=/dev/null
  . "$here/$part.sh"
done

wanted=("$@")
[ ${#wanted[@]} -gt 0 ] || mapfile -t wanted < <(compgen -A function | sed -n 's/^record_//p' | sort)
failed=0
for name in "${wanted[@]}"; do
  declare -F "record_$name" >/dev/null || { echo "no capture is called $name" >&2; exit 2; }
  record "$name" || { echo "FAIL  $name" >&2; failed=1; }
done
exit $failed
