// What the classifier is with and without nDPI.
#include <algorithm>
#include <array>

#include "dpi/ndpi/ndpi_classifier.h"

namespace sensor {

const CounterInfo kNdpiCounters[static_cast<size_t>(NdpiCounter::kCount)] = {
    {"ndpi_leases", "connections whose packets were shown to nDPI"},
    {"ndpi_pool_exhausted", "connections for which another one was given up, because all flow states were in use"},
    {"ndpi_packets", "packets shown to nDPI"},
    {"ndpi_decided", "connections nDPI recognised by their content"},
    {"ndpi_given_up", "connections that ended, or spent their packet budget, before nDPI recognised them"},
    {"ndpi_guessed", "connections labelled by port and address without a search"},
    {"ndpi_confirmed", "connections labelled from a protocol already confirmed and its host name"},
};

NdpiClassifier::NdpiClassifier() : NdpiClassifier(Options{}) {}

std::optional<ConfirmedProtocol> confirmed_protocol(std::string_view service) {
  using enum ConfirmedProtocol;
  struct Service {
    std::string_view name;
    ConfirmedProtocol protocol;
  };
  static constexpr auto kServices = std::to_array<Service>({
      {"dns", Dns},        {"http", Http},         {"ssl", Tls},
      {"dtls", Dtls},      {"quic", Quic},         {"modbus", Modbus},
      {"mqtt", Mqtt},      {"ntp", Ntp},           {"sip", Sip},
      {"snmp", Snmp},      {"syslog", Syslog},     {"radius", Radius},
      {"dhcp", Dhcp},      {"ftp", Ftp},           {"ftp-data", FtpData},
      {"smtp", Smtp},      {"socks", Socks},       {"ssh", Ssh},
      {"rdp", Rdp},        {"redis", Redis},       {"postgresql", Postgresql},
      {"dce_rpc", DceRpc}, {"krb", Kerberos},      {"krb_tcp", Kerberos},
      {"ldap_tcp", Ldap},  {"ldap_udp", Ldap},     {"mysql", Mysql},
      {"dnp3_tcp", Dnp3},  {"dnp3_udp", Dnp3},     {"irc", Irc},
      {"rfb", Rfb},        {"imap", Imaps},        {"pop3", Pop3},
      {"xmpp", Xmpp},      {"kerberos", Kerberos}, {"ldap", Ldap},
      {"dnp3", Dnp3},
  });
  const auto it = std::ranges::find(kServices, service, &Service::name);
  return it != kServices.end() ? std::optional(it->protocol) : std::nullopt;
}

std::string app_name(const AppLabel& label) {
  std::string out;
  append_app_name(label, out);
  return out;
}

}  // namespace sensor
