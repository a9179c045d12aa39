// The classifier of a build without nDPI: gives no lease and knows no label.
#include "dpi/ndpi/ndpi_classifier.h"

namespace sensor {

class NdpiClassifier::Impl {
 public:
  CounterBlock<NdpiCounter> counters;
};

NdpiClassifier::NdpiClassifier(const Options&) : impl_(std::make_unique<Impl>()) {}
NdpiClassifier::~NdpiClassifier() = default;

bool NdpiClassifier::available() {
  return false;
}
void NdpiClassifier::make_ready() {}
NdpiLease NdpiClassifier::lease(bool, uint32_t) {
  return kNoNdpiLease;
}
uint32_t NdpiClassifier::longest_held() const {
  return 0;
}
bool NdpiClassifier::feed(NdpiLease, const DecodedPacket&) {
  return true;
}
AppLabel NdpiClassifier::finish(NdpiLease) {
  return {};
}
void NdpiClassifier::cancel(NdpiLease) {}
AppLabel NdpiClassifier::confirmed(ConfirmedProtocol, std::string_view, const FiveTuple&) {
  return {};
}
AppLabel NdpiClassifier::guess(const FiveTuple&) {
  return {};
}
size_t NdpiClassifier::leased() const {
  return 0;
}
const CounterBlock<NdpiCounter>& NdpiClassifier::counters() const {
  return impl_->counters;
}

void append_app_name(const AppLabel&, std::string&) {}
std::string_view app_category_name(const AppLabel&) {
  return {};
}
std::string_view app_confidence_name(const AppLabel&) {
  return {};
}

}  // namespace sensor
