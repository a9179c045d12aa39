#include "certificate_memory.h"

#include <algorithm>
#include <limits>

#include "sensor/record/x509.h"

namespace sensor {
namespace {

/// As long as x509.log remembers certificates.
constexpr DurationNs kLifetimeNs = 24 * 60 * kMinute;

/// Of the columns, in microseconds; the nearest moment that nanoseconds reach.
TimeNs moment(const Cell& cell) {
  constexpr int64_t kLimitUs = std::numeric_limits<TimeNs>::max() / kMicrosecond;
  return std::clamp(cell.as_signed(), -kLimitUs, kLimitUs) * kMicrosecond;
}

}  // namespace

CertificateMemory::CertificateMemory(WatchList& watch) : certificates_(kLifetimeNs, kCapacity) {
  watch.add<X509Record>([this](const SeenRecord& r) { see(r); });
}

void CertificateMemory::see(const SeenRecord& r) {
  const auto text = [&](size_t i) { return std::string(r.cells[i].chars()); };
  Certificate& c = certificates_.get(text(column<X509Record>("fingerprint")), r.due_ns);
  if (c.known) return;
  c.known = true;
  c.subject = text(column<X509Record>("certificate.subject"));
  c.issuer = text(column<X509Record>("certificate.issuer"));
  c.serial = text(column<X509Record>("certificate.serial"));
  c.key_type = text(column<X509Record>("certificate.key_type"));
  c.key_bits = r.cells[column<X509Record>("certificate.key_length")].number;
  c.not_before_ns = moment(r.cells[column<X509Record>("certificate.not_valid_before")]);
  c.not_after_ns = moment(r.cells[column<X509Record>("certificate.not_valid_after")]);
}

std::string first_string(const Cell& container) {
  if (container.number == 0) return {};
  ByteReader in(container.data);
  Cell first;
  return decode_value(FieldType::String, in, first) ? std::string(first.chars()) : std::string();
}

}  // namespace sensor
