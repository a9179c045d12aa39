#include "sensor/net/ip_address.h"

#include <arpa/inet.h>

#include <algorithm>

#include "sensor/base/hash.h"
#include "sensor/net/packet.h"

namespace sensor {

IpAddress IpAddress::from_bytes(Bytes bytes) {
  IpAddress a;
  if (bytes.size() == 4) {
    a.b_[10] = a.b_[11] = 0xff;
    std::copy_n(bytes.begin(), 4, a.b_.begin() + 12);
  } else if (bytes.size() == 16) {
    std::copy_n(bytes.begin(), 16, a.b_.begin());
  }
  return a;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  char buf[INET6_ADDRSTRLEN + 1];
  if (text.size() >= sizeof buf) return std::nullopt;
  *std::copy(text.begin(), text.end(), buf) = 0;
  uint8_t raw[16];
  if (inet_pton(AF_INET, buf, raw) == 1) return from_bytes(Bytes(raw, 4));
  if (inet_pton(AF_INET6, buf, raw) == 1) return from_bytes(Bytes(raw, 16));
  return std::nullopt;
}

char* IpAddress::write(char* out) const {
  if (!is_v4()) {
    inet_ntop(AF_INET6, b_.data(), out, INET6_ADDRSTRLEN);
    return out + std::strlen(out);
  }
  for (size_t i = 12; i < 16; i++) {
    const unsigned v = b_[i];
    if (v >= 100) *out++ = static_cast<char>('0' + v / 100);
    if (v >= 10) *out++ = static_cast<char>('0' + v / 10 % 10);
    *out++ = static_cast<char>('0' + v % 10);
    if (i < 15) *out++ = '.';
  }
  return out;
}

std::string IpAddress::to_string() const {
  char buf[INET6_ADDRSTRLEN];
  return {buf, write(buf)};
}

uint64_t symmetric_address_hash(const IpAddress& a, const IpAddress& b, uint64_t seed) {
  const bool swap = b < a;
  const IpAddress& low = swap ? b : a;
  const IpAddress& high = swap ? a : b;
  return mix64(mix64(low.hi() ^ seed, low.lo()), mix64(high.hi(), high.lo()));
}

}  // namespace sensor
