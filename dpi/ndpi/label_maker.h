// Labels of connections that nDPI need not look at, or did not recognise.
#pragma once

#include <ndpi/ndpi_api.h>

#include <string>
#include <string_view>

#include "dpi/ndpi/lookups.h"
#include "dpi/ndpi/ndpi_classifier.h"
#include "sensor/base/memo.h"

namespace sensor::ndpi {

inline AppLabel make_label(const ndpi_protocol& p, ndpi_confidence_t confidence) {
  AppLabel label;
  label.app = p.app_protocol;
  label.carrier = p.master_protocol == p.app_protocol ? uint16_t{0} : p.master_protocol;
  label.category = static_cast<uint8_t>(p.category);
  label.confidence = static_cast<uint8_t>(confidence);
  return label;
}

/// Makes labels from a protocol, a host name, ports and addresses, without packets. For one thread. `context`: not null; whichever it is,
/// the labels are the same. `tuple`: source is the originator.
class LabelMaker {
 public:
  /// `lookups` outlives the maker.
  explicit LabelMaker(Lookups& lookups) : lookups_(lookups) {}

  /// As NdpiClassifier has it.
  AppLabel confirmed(ndpi_detection_module_struct* context, ConfirmedProtocol protocol, std::string_view host, const FiveTuple& tuple);
  /// As NdpiClassifier has it.
  AppLabel guess(ndpi_detection_module_struct* context, const FiveTuple& tuple);

 private:
  static constexpr size_t kKnownLabels = 1024, kMaxLabelKey = 128;

  /// What a label is made from beside the host's name.
  struct Basis {
    u_int16_t protocol, carrier, owner;  // nDPI's ids
  };
  AppLabel label_confirmed(ndpi_detection_module_struct* context, ConfirmedProtocol protocol, const Basis& basis, std::string_view host);
  bool label_by_name(ndpi_detection_module_struct* context, ndpi_flow_struct& flow, u_int16_t carrier, std::string_view names);
  u_int16_t below_http(ndpi_detection_module_struct* context, const FiveTuple& tuple);
  AppLabel label_guessed(ndpi_detection_module_struct* context, uint8_t ip_proto, u_int16_t by_port, u_int16_t owner);
  /// All that a label is made from, in few bytes.
  std::string_view label_key(unsigned kind, const Basis& basis, std::string_view host);
  ndpi_flow_struct& scratch_flow(u_int16_t owner);

  Lookups& lookups_;
  ndpi_flow_struct scratch_{};
  Memo<AppLabel> labels_{kKnownLabels, kMaxLabelKey};
  std::string label_key_;
};

}  // namespace sensor::ndpi
