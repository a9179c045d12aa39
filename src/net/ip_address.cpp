#include "sensor/net/ip_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

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

namespace {
constexpr int kGroups = 8;

/// The numbers of a dotted quad, each with the point that follows all but the last.
struct DottedNumber {
  std::array<char, 4> text{};
  uint8_t length = 0;  // point included
};
constexpr auto kDottedNumbers = [] {
  std::array<DottedNumber, 256> numbers;
  for (unsigned n = 0; n < numbers.size(); n++) {
    DottedNumber& d = numbers[n];
    if (n >= 100) d.text[d.length++] = static_cast<char>('0' + n / 100);
    if (n >= 10) d.text[d.length++] = static_cast<char>('0' + n / 10 % 10);
    d.text[d.length++] = static_cast<char>('0' + n % 10);
    d.text[d.length++] = '.';
  }
  return numbers;
}();

/// Writes up to a character more than it returns the end of.
char* write_dotted(char* out, const std::array<uint8_t, 16>& b) {
  for (size_t i = 12; i < 16; i++) {
    const DottedNumber& d = kDottedNumbers[b[i]];
    std::copy(d.text.begin(), d.text.end(), out);
    out += d.length;
  }
  return out - 1;
}

char* write_hex(char* out, unsigned group) {
  bool started = false;
  for (int shift = 12; shift >= 0; shift -= 4) {
    const unsigned digit = group >> shift & 15;
    started = started || digit != 0 || shift == 0;
    if (started) *out++ = "0123456789abcdef"[digit];
  }
  return out;
}

struct ZeroRun {
  int begin = kGroups, length = 0;
};

// RFC 5952 section 4.2: the longest run of at least two zero groups, the first one of several.
ZeroRun longest_zero_run(const std::array<unsigned, kGroups>& groups) {
  ZeroRun best;
  for (int i = 0; i < kGroups; i++) {
    const int begin = i;
    while (i < kGroups && groups[static_cast<size_t>(i)] == 0) i++;
    if (i - begin >= 2 && i - begin > best.length) best = {begin, i - begin};
  }
  return best;
}
}  // namespace

// Written out by hand because inet_ntop formats through sprintf, which shows in every log of IPv6 traffic. Addresses with an embedded
// IPv4 address (RFC 4291 section 2.5.5.1) end in a dotted quad, as there.
char* IpAddress::write(char* out) const {
  if (is_v4()) return write_dotted(out, b_);
  std::array<unsigned, kGroups> groups;
  for (size_t i = 0; i < kGroups; i++) groups[i] = unsigned{b_[2 * i]} << 8 | b_[2 * i + 1];
  const ZeroRun zeros = longest_zero_run(groups);
  const bool embedded = zeros.begin == 0 && zeros.length == 6;
  for (int i = 0; i < kGroups; i++) {
    if (i == zeros.begin) {
      *out++ = ':';
      i += zeros.length - 1;
      if (i == kGroups - 1) *out++ = ':';
      continue;
    }
    if (i > 0) *out++ = ':';
    if (i == 6 && embedded) return write_dotted(out, b_);
    out = write_hex(out, groups[static_cast<size_t>(i)]);
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
