#include "sensor/record/registry.h"

#include <array>

#include "sensor/record/arp.h"
#include "sensor/record/conn.h"
#include "sensor/record/dce_rpc.h"
#include "sensor/record/dhcp.h"
#include "sensor/record/dnp3.h"
#include "sensor/record/dns.h"
#include "sensor/record/files.h"
#include "sensor/record/ftp.h"
#include "sensor/record/http.h"
#include "sensor/record/icmp.h"
#include "sensor/record/irc.h"
#include "sensor/record/kerberos.h"
#include "sensor/record/known.h"
#include "sensor/record/ldap.h"
#include "sensor/record/modbus.h"
#include "sensor/record/mqtt.h"
#include "sensor/record/mysql.h"
#include "sensor/record/notice.h"
#include "sensor/record/ntlm.h"
#include "sensor/record/ntp.h"
#include "sensor/record/ocsp.h"
#include "sensor/record/pe.h"
#include "sensor/record/postgresql.h"
#include "sensor/record/quic.h"
#include "sensor/record/radius.h"
#include "sensor/record/rdp.h"
#include "sensor/record/redis.h"
#include "sensor/record/rfb.h"
#include "sensor/record/sip.h"
#include "sensor/record/smb_files.h"
#include "sensor/record/smb_mapping.h"
#include "sensor/record/smtp.h"
#include "sensor/record/snmp.h"
#include "sensor/record/socks.h"
#include "sensor/record/software.h"
#include "sensor/record/ssh.h"
#include "sensor/record/ssl.h"
#include "sensor/record/stats.h"
#include "sensor/record/syslog.h"
#include "sensor/record/tunnel.h"
#include "sensor/record/websocket.h"
#include "sensor/record/weird.h"
#include "sensor/record/x509.h"

namespace sensor {
namespace {

std::string_view zeek_type(FieldType type) {
  switch (type) {
    case FieldType::Time:
    case FieldType::FarTime:
      return "time";
    case FieldType::Interval:
      return "interval";
    case FieldType::Enum:
      return "enum";
    case FieldType::Addr:
      return "addr";
    case FieldType::Port:
      return "port";
    case FieldType::Count:
      return "count";
    case FieldType::Int:
      return "int";
    case FieldType::Double:
      return "double";
    case FieldType::Bool:
      return "bool";
    case FieldType::String:
    case FieldType::Uid:
      break;
  }
  return "string";
}

}  // namespace

std::span<const LogInfo* const> all_logs() {
  static constexpr auto kLogs = std::to_array<const LogInfo*>({
      &log_info<ArpRecord>(),         &log_info<CaptureLossRecord>(),   &log_info<ConnRecord>(),      &log_info<DceRpcRecord>(),
      &log_info<DhcpRecord>(),        &log_info<Dnp3Record>(),          &log_info<DnsRecord>(),       &log_info<FilesRecord>(),
      &log_info<FtpRecord>(),         &log_info<HttpRecord>(),          &log_info<IcmpRecord>(),      &log_info<IrcRecord>(),
      &log_info<KerberosRecord>(),    &log_info<KnownCertRecord>(),     &log_info<KnownHostRecord>(), &log_info<KnownServiceRecord>(),
      &log_info<LdapRecord>(),        &log_info<LdapSearchRecord>(),    &log_info<ModbusRecord>(),    &log_info<MqttConnectRecord>(),
      &log_info<MqttPublishRecord>(), &log_info<MqttSubscribeRecord>(), &log_info<MysqlRecord>(),     &log_info<NoticeRecord>(),
      &log_info<NtlmRecord>(),        &log_info<NtpRecord>(),           &log_info<OcspRecord>(),      &log_info<PeRecord>(),
      &log_info<PostgresqlRecord>(),  &log_info<ProtocolsRecord>(),     &log_info<QuicRecord>(),      &log_info<RadiusRecord>(),
      &log_info<RdpRecord>(),         &log_info<RedisRecord>(),         &log_info<RfbRecord>(),       &log_info<SipRecord>(),
      &log_info<SmbFilesRecord>(),    &log_info<SmbMappingRecord>(),    &log_info<SmtpRecord>(),      &log_info<SnmpRecord>(),
      &log_info<SocksRecord>(),       &log_info<SoftwareRecord>(),      &log_info<SshRecord>(),       &log_info<SslRecord>(),
      &log_info<StatsRecord>(),       &log_info<SyslogRecord>(),        &log_info<TopIpRecord>(),     &log_info<TunnelRecord>(),
      &log_info<WebsocketRecord>(),   &log_info<WeirdRecord>(),         &log_info<X509Record>(),
  });
  return kLogs;
}

std::string zeek_type_name(const ColumnInfo& column) {
  switch (column.container) {
    case Container::Set:
      return std::string("set[").append(zeek_type(column.type)).append("]");
    case Container::Vector:
      return std::string("vector[").append(zeek_type(column.type)).append("]");
    case Container::One:
      break;
  }
  return std::string(zeek_type(column.type));
}

}  // namespace sensor
