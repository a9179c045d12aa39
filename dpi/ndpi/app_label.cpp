// What the classifier is with and without nDPI.
#include "dpi/ndpi/ndpi_classifier.h"

namespace sensor {

const CounterInfo kNdpiCounters[static_cast<size_t>(NdpiCounter::kCount)] = {
    {"ndpi_leases", "connections whose packets were shown to nDPI"},
    {"ndpi_pool_exhausted", "connections labelled by port and address alone because all flow states were in use"},
    {"ndpi_packets", "packets shown to nDPI"},
    {"ndpi_decided", "connections nDPI recognised by their content"},
    {"ndpi_given_up", "connections that ended, or spent their packet budget, before nDPI recognised them"},
    {"ndpi_guessed", "connections labelled by port and address without a search"},
    {"ndpi_confirmed", "connections labelled from a protocol already confirmed and its host name"},
};

NdpiClassifier::NdpiClassifier() : NdpiClassifier(Options{}) {}

std::optional<ConfirmedProtocol> confirmed_protocol(std::string_view service) {
  if (service == "dns") return ConfirmedProtocol::Dns;
  if (service == "http") return ConfirmedProtocol::Http;
  if (service == "ssl") return ConfirmedProtocol::Tls;
  if (service == "dtls") return ConfirmedProtocol::Dtls;
  if (service == "quic") return ConfirmedProtocol::Quic;
  if (service == "modbus") return ConfirmedProtocol::Modbus;
  if (service == "mqtt") return ConfirmedProtocol::Mqtt;
  if (service == "ntp") return ConfirmedProtocol::Ntp;
  return std::nullopt;
}

std::string app_name(const AppLabel& label) {
  std::string out;
  append_app_name(label, out);
  return out;
}

}  // namespace sensor
