#include "dpi/ndpi/label_maker.h"

#include <algorithm>
#include <cstring>

#include "dpi/ndpi/ndpi_context.h"

namespace sensor {

namespace ndpi {
namespace {

/// What nDPI names as the carrier of an application found by host name.
u_int16_t carrier_protocol(ConfirmedProtocol protocol) {
  switch (protocol) {
    case ConfirmedProtocol::Dns:
      return NDPI_PROTOCOL_DNS;
    case ConfirmedProtocol::Http:
    case ConfirmedProtocol::HttpProxy:
      return NDPI_PROTOCOL_HTTP;
    case ConfirmedProtocol::HttpConnect:
      return NDPI_PROTOCOL_HTTP_CONNECT;
    case ConfirmedProtocol::Gnutella:
      return NDPI_PROTOCOL_GNUTELLA;
    case ConfirmedProtocol::Tls:
      return NDPI_PROTOCOL_TLS;
    case ConfirmedProtocol::Dtls:
      return NDPI_PROTOCOL_DTLS;
    case ConfirmedProtocol::Quic:
      return NDPI_PROTOCOL_QUIC;
    case ConfirmedProtocol::Modbus:
      return NDPI_PROTOCOL_MODBUS;
    case ConfirmedProtocol::Mqtt:
      return NDPI_PROTOCOL_MQTT;
    case ConfirmedProtocol::Ntp:
      return NDPI_PROTOCOL_NTP;
    case ConfirmedProtocol::Ftp:
      return NDPI_PROTOCOL_FTP_CONTROL;
    case ConfirmedProtocol::FtpData:
      return NDPI_PROTOCOL_FTP_DATA;
    case ConfirmedProtocol::Smtp:
      return NDPI_PROTOCOL_MAIL_SMTP;
    case ConfirmedProtocol::Socks:
      return NDPI_PROTOCOL_SOCKS;
    case ConfirmedProtocol::Ssh:
      return NDPI_PROTOCOL_SSH;
    case ConfirmedProtocol::Rdp:
      return NDPI_PROTOCOL_RDP;
    case ConfirmedProtocol::Redis:
      return NDPI_PROTOCOL_REDIS;
    case ConfirmedProtocol::Smb1:
      return NDPI_PROTOCOL_SMBV1;
    case ConfirmedProtocol::Smb2:
      return NDPI_PROTOCOL_SMBV23;
    case ConfirmedProtocol::Postgresql:
      return NDPI_PROTOCOL_POSTGRES;
    case ConfirmedProtocol::DceRpc:
      return NDPI_PROTOCOL_DCERPC;
    case ConfirmedProtocol::Kerberos:
      return NDPI_PROTOCOL_KERBEROS;
    case ConfirmedProtocol::Ldap:
      return NDPI_PROTOCOL_LDAP;
    case ConfirmedProtocol::Ocsp:
      return NDPI_PROTOCOL_OCSP;
    case ConfirmedProtocol::Mysql:
      return NDPI_PROTOCOL_MYSQL;
    case ConfirmedProtocol::Dnp3:
      return NDPI_PROTOCOL_DNP3;
    case ConfirmedProtocol::Irc:
      return NDPI_PROTOCOL_IRC;
    case ConfirmedProtocol::Rfb:
      return NDPI_PROTOCOL_VNC;
    case ConfirmedProtocol::Sip:
      return NDPI_PROTOCOL_SIP;
    case ConfirmedProtocol::Snmp:
      return NDPI_PROTOCOL_SNMP;
    case ConfirmedProtocol::Syslog:
      return NDPI_PROTOCOL_SYSLOG;
    case ConfirmedProtocol::Radius:
      return NDPI_PROTOCOL_RADIUS;
    case ConfirmedProtocol::Dhcp:
      return NDPI_PROTOCOL_DHCP;
    case ConfirmedProtocol::Imaps:
      return NDPI_PROTOCOL_MAIL_IMAPS;
    case ConfirmedProtocol::Pop3:
      return NDPI_PROTOCOL_MAIL_POP;
    case ConfirmedProtocol::Pops:
      return NDPI_PROTOCOL_MAIL_POPS;
    case ConfirmedProtocol::Xmpp:
      return NDPI_PROTOCOL_JABBER;
  }
  return NDPI_PROTOCOL_UNKNOWN;
}

/// What nDPI names as the carrier of `base`: of SMB NetBIOS, whose frames it has over TCP.
u_int16_t below(u_int16_t protocol, ConfirmedProtocol confirmed) {
  if (protocol == NDPI_PROTOCOL_OCSP || protocol == NDPI_PROTOCOL_HTTP_PROXY) return NDPI_PROTOCOL_HTTP;
  if (protocol == NDPI_PROTOCOL_DOH_DOT) return carrier_protocol(confirmed);
  return protocol == NDPI_PROTOCOL_SMBV1 || protocol == NDPI_PROTOCOL_SMBV23 ? u_int16_t{NDPI_PROTOCOL_NETBIOS} : protocol;
}

/// Protocols whose label nDPI refines by the owner of the addresses ("DNS.Google").
bool carries_applications(ConfirmedProtocol protocol) {
  using enum ConfirmedProtocol;
  return protocol == Dns || protocol == Http || protocol == HttpConnect || protocol == HttpProxy || protocol == Tls || protocol == Dtls ||
         protocol == Quic;
}

/// Marks the key of a guessed label among those of confirmed ones, which have their protocol there.
constexpr unsigned kGuessed = 0xff;

/// NetBIOS's name service (RFC 1002) has DNS's format, and Zeek reads it as DNS.
constexpr uint16_t kNetbiosPort = 137;

/// What nDPI names when the host name says nothing: some protocols are then told apart by their port.
u_int16_t base_protocol(ConfirmedProtocol protocol, const FiveTuple& t) {
  const auto on_port = [&](uint16_t port) { return t.src_port == port || t.dst_port == port; };
  if (protocol == ConfirmedProtocol::Dns) {
    if (on_port(kNetbiosPort)) return NDPI_PROTOCOL_NETBIOS;
    if (on_port(5355)) return NDPI_PROTOCOL_LLMNR;
    if (on_port(5353)) return NDPI_PROTOCOL_MDNS;
  }
  if (protocol == ConfirmedProtocol::Tls) {
    if (on_port(465) || on_port(587)) return NDPI_PROTOCOL_MAIL_SMTPS;
    if (on_port(993)) return NDPI_PROTOCOL_MAIL_IMAPS;
    if (on_port(995)) return NDPI_PROTOCOL_MAIL_POPS;
  }
  if (protocol == ConfirmedProtocol::Quic && on_port(853)) return NDPI_PROTOCOL_DOH_DOT;  // RFC 9250 section 4.1.1
  if (protocol == ConfirmedProtocol::HttpProxy) return NDPI_PROTOCOL_HTTP_PROXY;
  return carrier_protocol(protocol);
}

/// Tor makes up the server name of its TLS connections: "www.", letters that no word has, ".com" or ".net".
bool looks_like_tor(ndpi_detection_module_struct* context, ndpi_flow_struct& flow) {
  const std::string_view name = flow.host_server_name;
  return name.starts_with("www.") && (name.ends_with(".com") || name.ends_with(".net")) &&
         ndpi_check_dga_name(context, &flow, flow.host_server_name, 1) != 0;
}

/// "*.example.org:8080" -> "example.org"
std::string_view bare_host(std::string_view host) {
  if (host.starts_with("*.")) host.remove_prefix(1);
  return host.substr(0, host.find(':'));
}

}  // namespace

ndpi_flow_struct& LabelMaker::scratch_flow(u_int16_t owner) {
  ndpi_free_flow_data(&scratch_);
  std::memset(static_cast<void*>(&scratch_), 0, sizeof scratch_);
  scratch_.guessed_host_protocol_id = owner;
  return scratch_;
}

std::string_view LabelMaker::label_key(unsigned kind, const Basis& basis, std::string_view host) {
  const auto byte = [](unsigned v) { return static_cast<char>(v & 0xff); };
  label_key_.assign({byte(kind), byte(basis.protocol), byte(basis.protocol >> 8U), byte(basis.carrier), byte(basis.carrier >> 8U),
                     byte(basis.owner), byte(basis.owner >> 8U)});
  return label_key_ += host;
}

/// HTTP with a Host header on the port of a protocol that has no applications of its own is named after both ("SIP.HTTP"); proxies have
/// HTTP's ports.
u_int16_t LabelMaker::below_http(ndpi_detection_module_struct* context, const FiveTuple& tuple) {
  const u_int16_t by_port = lookups_.by_ports(context, tuple.ip_proto, tuple.src_port, tuple.dst_port);
  const bool plain = by_port == NDPI_PROTOCOL_UNKNOWN || by_port == NDPI_PROTOCOL_HTTP_PROXY ||
                     ndpi_get_proto_defaults(context)[by_port].subprotocol_count > 0;
  return plain ? u_int16_t{NDPI_PROTOCOL_HTTP} : by_port;
}

/// By the first of the names, with commas between them, that says something.
bool LabelMaker::label_by_name(ndpi_detection_module_struct* context, ndpi_flow_struct& flow, u_int16_t carrier, std::string_view names) {
  while (!names.empty()) {
    const std::string_view name = bare_host(names.substr(0, names.find(',')));
    ndpi_hostname_sni_set(&flow, as_bytes(name).data(), name.size());
    const u_int length = static_cast<u_int>(std::strlen(flow.host_server_name));
    if (length > 0 && ndpi_match_hostname_protocol(context, &flow, carrier, flow.host_server_name, length) != 0) return true;
    names = names.substr(std::min(names.find(','), names.size() - 1) + 1);
  }
  return false;
}

AppLabel LabelMaker::confirmed(ndpi_detection_module_struct* context, ConfirmedProtocol protocol, std::string_view host,
                               const FiveTuple& tuple) {
  const u_int16_t owner =
      carries_applications(protocol) ? lookups_.by_addresses(context, tuple.src, tuple.dst) : u_int16_t{NDPI_PROTOCOL_UNKNOWN};
  const u_int16_t base = base_protocol(protocol, tuple);
  const bool is_http = protocol == ConfirmedProtocol::Http && owner == NDPI_PROTOCOL_UNKNOWN && !host.empty();
  const u_int16_t carrier = is_http ? below_http(context, tuple) : below(base, protocol);
  host = base == NDPI_PROTOCOL_NETBIOS || base == NDPI_PROTOCOL_OCSP ? std::string_view{} : bare_host(host);
  const Basis basis{base, carrier, owner};
  return labels_.get(label_key(static_cast<unsigned>(protocol), basis, host),
                     [&] { return label_confirmed(context, protocol, basis, host); });
}

AppLabel LabelMaker::label_confirmed(ndpi_detection_module_struct* context, ConfirmedProtocol protocol, const Basis& basis,
                                     std::string_view host) {
  ndpi_flow_struct& flow = scratch_flow(basis.owner);
  const bool by_name = label_by_name(context, flow, carrier_protocol(protocol), host);
  if (protocol == ConfirmedProtocol::Tls && host.find(',') == std::string_view::npos && looks_like_tor(context, flow)) {
    ndpi_set_detected_protocol(context, &flow, NDPI_PROTOCOL_TOR, NDPI_PROTOCOL_TLS, NDPI_CONFIDENCE_DPI);
  } else if (!by_name) {
    ndpi_set_detected_protocol(context, &flow, basis.protocol, basis.carrier, NDPI_CONFIDENCE_DPI);
  }
  ndpi_protocol p{flow.detected_protocol_stack[1], flow.detected_protocol_stack[0], flow.category};
  if (p.category == NDPI_PROTOCOL_CATEGORY_UNSPECIFIED) ndpi_fill_protocol_category(context, &flow, &p);
  return make_label(p, flow.confidence);
}

AppLabel LabelMaker::guess(ndpi_detection_module_struct* context, const FiveTuple& tuple) {
  if (tuple.ip_proto != ipproto::kTcp && tuple.ip_proto != ipproto::kUdp) {
    const ndpi_protocol p = ndpi_guess_undetected_protocol(context, nullptr, tuple.ip_proto, 0, tuple.src_port, 0, tuple.dst_port);
    return make_label(p, p.app_protocol != NDPI_PROTOCOL_UNKNOWN ? NDPI_CONFIDENCE_DPI : NDPI_CONFIDENCE_UNKNOWN);
  }
  const u_int16_t by_port = lookups_.by_ports(context, tuple.ip_proto, tuple.src_port, tuple.dst_port);
  const u_int16_t owner = lookups_.by_addresses(context, tuple.src, tuple.dst);
  const std::string_view key = label_key(kGuessed, {by_port, NDPI_PROTOCOL_UNKNOWN, owner}, tuple.ip_proto == ipproto::kTcp ? "t" : "u");
  return labels_.get(key, [&] { return label_guessed(context, tuple.ip_proto, by_port, owner); });
}

AppLabel LabelMaker::label_guessed(ndpi_detection_module_struct* context, uint8_t ip_proto, u_int16_t by_port, u_int16_t owner) {
  ndpi_flow_struct& flow = scratch_flow(owner);
  flow.l4_proto = ip_proto;
  flow.guessed_protocol_id = by_port;
  u_int8_t guessed = 0;
  const ndpi_protocol p = ndpi_detection_giveup(context, &flow, 1, &guessed);
  return make_label(p, flow.confidence);
}

}  // namespace ndpi

void append_app_name(const AppLabel& label, std::string& out) {
  const ndpi::Names* names = ndpi::names();
  if (names == nullptr || !label.known()) return;
  const auto name = [&](uint16_t id) { return id < names->protocols.size() ? std::string_view(names->protocols[id]) : "Unknown"; };
  if (label.carrier != 0) out += name(label.carrier);
  if (label.carrier != 0 && label.app != 0) out += '.';
  if (label.app != 0) out += name(label.app);
}

std::string_view app_category_name(const AppLabel& label) {
  const ndpi::Names* names = ndpi::names();
  if (names == nullptr || !label.known() || label.category >= names->categories.size()) return {};
  return names->categories[label.category];
}

std::string_view app_confidence_name(const AppLabel& label) {
  if (!label.known()) return {};
  const char* name = ndpi_confidence_get_name(static_cast<ndpi_confidence_t>(label.confidence));
  return name != nullptr ? name : std::string_view{};
}

}  // namespace sensor
