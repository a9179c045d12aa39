#include "sensor/session/protocols.h"

#include "dce_rpc_analyzer.h"
#include "dhcp_analyzer.h"
#include "dnp3_analyzer.h"
#include "dns_analyzer.h"
#include "dtls_analyzer.h"
#include "finger_analyzer.h"
#include "ftp_analyzer.h"
#include "http_analyzer.h"
#include "irc_analyzer.h"
#include "kerberos_analyzer.h"
#include "ldap_analyzer.h"
#include "modbus_analyzer.h"
#include "mqtt_analyzer.h"
#include "mysql_analyzer.h"
#include "ntp_analyzer.h"
#include "pop3_analyzer.h"
#include "postgresql_analyzer.h"
#include "quic_analyzer.h"
#include "radius_analyzer.h"
#include "rdp_analyzer.h"
#include "rdpeudp_analyzer.h"
#include "redis_analyzer.h"
#include "rfb_analyzer.h"
#include "sip_analyzer.h"
#include "smb_analyzer.h"
#include "smtp_analyzer.h"
#include "snmp_analyzer.h"
#include "socks_analyzer.h"
#include "ssh_analyzer.h"
#include "starttls_analyzer.h"
#include "syslog_analyzer.h"
#include "tls_analyzer.h"
#include "websocket_analyzer.h"

namespace sensor {
namespace {

template <class A>
std::unique_ptr<Analyzer> make() {
  return std::make_unique<A>();
}

/// Protocols that only another one starts.
Probe never(const ProbeInput&) {
  return Probe::NotForUs;
}

constexpr auto kReadsPartial = PartialStreams::Read, kOnPort = PartialStreams::OnPort, kWholeStreams = PartialStreams::Skip;

const ProtocolInfo kProtocols[] = {
    {ProtocolId::Dns, Transport::Udp, "dns", probe_dns_datagram, kDnsUdpPorts, kReadsPartial, make<DnsAnalyzer>},
    {ProtocolId::Dns, Transport::Tcp, "dns", probe_dns_stream, kDnsTcpPorts, kReadsPartial, make<DnsAnalyzer>},
    {ProtocolId::Http, Transport::Tcp, "http", probe_http, http_ports(), kOnPort, make<HttpAnalyzer>},
    {ProtocolId::Tls, Transport::Tcp, "ssl", probe_tls, kTlsPorts, kWholeStreams, make<TlsAnalyzer>},
    {ProtocolId::Dtls, Transport::Udp, "dtls", probe_dtls, kDtlsPorts, kReadsPartial, make<DtlsAnalyzer>},
    {ProtocolId::Quic, Transport::Udp, "quic", probe_quic, kQuicPorts, kReadsPartial, make<QuicAnalyzer>},
    {ProtocolId::Ftp, Transport::Tcp, "ftp", probe_ftp, kFtpPorts, kOnPort, make<FtpAnalyzer>},
    {ProtocolId::FtpData, Transport::Tcp, "ftp_data", never, {}, kReadsPartial, make<FtpDataAnalyzer>},
    {ProtocolId::Smtp, Transport::Tcp, "smtp", probe_smtp, kSmtpPorts, kWholeStreams, make<SmtpAnalyzer>},
    {ProtocolId::Socks, Transport::Tcp, "socks", probe_socks, kSocksPorts, kWholeStreams, make<SocksAnalyzer>},
    {ProtocolId::Ssh, Transport::Tcp, "ssh", probe_ssh, kSshPorts, kWholeStreams, make<SshAnalyzer>},
    {ProtocolId::Rdp, Transport::Tcp, "rdp", probe_rdp, kRdpPorts, kWholeStreams, make<RdpAnalyzer>},
    {ProtocolId::Rdpeudp, Transport::Udp, "rdpeudp", probe_rdpeudp, kRdpeudpPorts, kReadsPartial, make<RdpeudpAnalyzer>},
    {ProtocolId::Ntp, Transport::Udp, "ntp", probe_ntp, kNtpPorts, kReadsPartial, make<NtpAnalyzer>},
    {ProtocolId::Sip, Transport::Udp, "sip", probe_sip, kSipPorts, kReadsPartial, make<SipAnalyzer>},
    {ProtocolId::Snmp, Transport::Udp, "snmp", probe_snmp, kSnmpPorts, kReadsPartial, make<SnmpAnalyzer>},
    {ProtocolId::Syslog, Transport::Udp, "syslog", probe_syslog, kSyslogPorts, kReadsPartial, make<SyslogAnalyzer>},
    {ProtocolId::Radius, Transport::Udp, "radius", probe_radius, kRadiusPorts, kReadsPartial, make<RadiusAnalyzer>},
    {ProtocolId::Dhcp, Transport::Udp, "dhcp", probe_dhcp, kDhcpPorts, kReadsPartial, make<DhcpAnalyzer>},
    {ProtocolId::Finger, Transport::Tcp, "finger", never, kFingerPorts, kWholeStreams, make<FingerAnalyzer>},
    {ProtocolId::Smb, Transport::Tcp, "smb", probe_smb, kSmbPorts, kReadsPartial, make<SmbAnalyzer>},
    {ProtocolId::DceRpc, Transport::Tcp, "dce_rpc", probe_dce_rpc, kDceRpcPorts, kReadsPartial, make<DceRpcAnalyzer>},
    {ProtocolId::Kerberos, Transport::Udp, "kerberos", probe_kerberos_datagram, kKerberosPorts, kReadsPartial, make<KerberosUdpAnalyzer>},
    {ProtocolId::Kerberos, Transport::Tcp, "kerberos", probe_kerberos_stream, kKerberosPorts, kWholeStreams, make<KerberosTcpAnalyzer>},
    {ProtocolId::Ldap, Transport::Tcp, "ldap", probe_ldap, kLdapTcpPorts, kReadsPartial, make<LdapAnalyzer>},
    {ProtocolId::Ldap, Transport::Udp, "ldap", never, kLdapUdpPorts, kReadsPartial, make<LdapAnalyzer>},
    {ProtocolId::Postgresql, Transport::Tcp, "postgresql", probe_postgresql, kPostgresqlPorts, kReadsPartial, make<PostgresqlAnalyzer>},
    {ProtocolId::Modbus, Transport::Tcp, "modbus", probe_modbus, kModbusPorts, kReadsPartial, make<ModbusAnalyzer>},
    {ProtocolId::Mqtt, Transport::Tcp, "mqtt", probe_mqtt, kMqttPorts, kReadsPartial, make<MqttAnalyzer>},
    {ProtocolId::Mysql, Transport::Tcp, "mysql", probe_mysql, kMysqlPorts, kWholeStreams, make<MysqlAnalyzer>},
    {ProtocolId::Dnp3, Transport::Tcp, "dnp3", probe_dnp3, kDnp3Ports, kReadsPartial, make<Dnp3Analyzer>},
    {ProtocolId::Dnp3, Transport::Udp, "dnp3", probe_dnp3, {}, kReadsPartial, make<Dnp3Analyzer>},
    {ProtocolId::Irc, Transport::Tcp, "irc", probe_irc, kIrcPorts, kReadsPartial, make<IrcAnalyzer>},
    {ProtocolId::IrcData, Transport::Tcp, "irc_data", never, {}, kReadsPartial, make<IrcDataAnalyzer>},
    {ProtocolId::Rfb, Transport::Tcp, "rfb", probe_rfb, {}, kWholeStreams, make<RfbAnalyzer>},
    {ProtocolId::Starttls, Transport::Tcp, "starttls", probe_starttls, {}, kWholeStreams, make<StarttlsAnalyzer>},
    {ProtocolId::Pop3, Transport::Tcp, "pop3", probe_pop3, {}, kWholeStreams, make<Pop3Analyzer>},
    {ProtocolId::Redis, Transport::Tcp, "redis", probe_redis, kRedisPorts, kReadsPartial, make<RedisAnalyzer>},
    {ProtocolId::Websocket, Transport::Tcp, "websocket", never, {}, kWholeStreams, make<WebsocketAnalyzer>},
};

static_assert(std::size(kProtocols) <= 64, "a ProtocolMask has a bit for each");

}  // namespace

std::span<const ProtocolInfo> protocols() {
  return kProtocols;
}

}  // namespace sensor
