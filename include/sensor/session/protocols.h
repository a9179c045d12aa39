// The registry: every protocol the sensor reads. Adding one is a line in ProtocolId and a line in src/session/protocols.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "sensor/session/analyzer.h"

namespace sensor {

enum class ProtocolId : uint8_t {
  Dns,
  Http,
  Tls,
  Dtls,
  Quic,
  Starttls,
  Websocket,
  Ftp,
  FtpData,
  Smtp,
  Socks,
  Ssh,
  Rdp,
  Rdpeudp,
  Redis,
  Smb,
  Postgresql,
  DceRpc,
  Kerberos,
  Ldap,
  Modbus,
  Mqtt,
  Ntp,
  Mysql,
  Dnp3,
  Irc,
  IrcData,
  Rfb,
  Sip,
  Snmp,
  Syslog,
  Radius,
  Dhcp,
  Finger,
  Pop3
};

/// A dissector's opinion of the first bytes of a connection.
enum class Probe : uint8_t { NotForUs, Unsure, Certain };

/// What a probe may look at. Streams: the first bytes in order of each direction (at most 2048); datagrams: the datagram at hand in the
/// span of its direction, the other one empty.
struct ProbeInput {
  Bytes orig, resp;
  uint16_t orig_port = 0, resp_port = 0;
};

/// TCP connections whose beginning was not seen: not for this protocol, only on its ports, or as any other.
enum class PartialStreams : uint8_t { Skip, OnPort, Read };

struct ProtocolInfo {
  ProtocolId id;
  Transport transport;
  std::string_view key;               // name in the configuration, e.g. "dns"
  Probe (*probe)(const ProbeInput&);  // by content; Unsure asks to be called again with more bytes
  std::span<const uint16_t> ports;    // responder ports where Zeek starts the analyzer before it has seen content
  PartialStreams partial;             // what to do with connections whose handshake was not seen
  std::unique_ptr<Analyzer> (*make)();
};

/// All protocols, in the order in which they are probed.
std::span<const ProtocolInfo> protocols();

}  // namespace sensor
