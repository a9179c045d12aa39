#include "dpi/mysql/values.h"

#include <vector>

namespace sensor::mysql {
namespace {

/// A length, which is one of those given, and as many bytes.
void skip_sized(ByteReader& r, std::initializer_list<uint8_t> lengths) {
  const uint8_t n = r.u8();
  bool known = false;
  for (const uint8_t length : lengths) known |= n == length;
  if (!known) r.fail();
  r.skip(n);
}

/// "Binary Protocol Resultset": a value, by the type of its field.
void skip_value(uint8_t type, ByteReader& r) {
  enum Type : uint8_t {
    kDecimal = 0,
    kTiny = 1,
    kShort = 2,
    kLong = 3,
    kFloat = 4,
    kDouble = 5,
    kNull = 6,
    kTimestamp = 7,
    kLongLong = 8,
    kInt24 = 9,
    kDate = 10,
    kTime = 11,
    kDateTime = 12,
    kYear = 13,
    kVarchar = 15,
    kBit = 16,
    kTimestamp2 = 17,
    kJson = 0xf5,  // this and all above it are texts
  };
  switch (type) {
    case kNull:
      return;
    case kTiny:
      return r.skip(1);
    case kShort:
    case kYear:
      return r.skip(2);
    case kLong:
    case kFloat:
    case kInt24:
      return r.skip(4);
    case kDouble:
    case kLongLong:
      return r.skip(8);
    case kTimestamp:
    case kTimestamp2:
    case kDate:
    case kDateTime:
      return skip_sized(r, {0, 4, 7, 11});
    case kTime:
      return skip_sized(r, {0, 8, 12});
    default:
      if (type != kDecimal && type != kVarchar && type != kBit && type < kJson) r.fail();
      length_encoded_text(r);
  }
}

}  // namespace

uint32_t u24le(ByteReader& r) {
  const uint32_t low = r.u16le();
  return low | uint32_t{r.u8()} << 16;
}

uint64_t length_encoded(uint8_t first, ByteReader& r) {
  constexpr uint8_t kNull = 0xfb, kTwoBytes = 0xfc, kThreeBytes = 0xfd, kEightBytes = 0xfe;
  if (first < kNull) return first;
  if (first == kTwoBytes) return r.u16le();
  if (first == kThreeBytes) return u24le(r);
  return first == kEightBytes ? r.u64le() : 0;
}

uint64_t length_encoded(ByteReader& r) {
  const uint8_t first = r.u8();
  return length_encoded(first, r);
}

std::string_view length_encoded_text(ByteReader& r) {
  const uint64_t n = length_encoded(r);
  if (n > r.remaining()) {
    r.fail();
    return {};
  }
  return r.chars(n);
}

std::string_view nul_text(ByteReader& r) {
  const std::string_view rest = as_chars(r.rest());
  const std::string_view s = rest.substr(0, rest.find('\0'));
  r.skip(s.size() + 1);
  return s;
}

void skip_query_attributes(ByteReader& r) {
  const uint64_t count = length_encoded(r);
  length_encoded(r);  // sets of them: always 1
  if (!r.ok() || count == 0) return;
  // Each takes two bytes or more.
  if (count > r.remaining()) return r.fail();
  const Bytes nulls = r.bytes((count + 7) / 8);
  if (r.u8() != 1) r.fail();  // their types follow
  std::vector<uint8_t> types;
  for (uint64_t i = 0; i < count && r.ok(); i++) {
    types.push_back(r.u8());
    r.skip(1);  // signedness
    length_encoded_text(r);
  }
  for (size_t i = 0; i < types.size() && r.ok(); i++) {
    if ((nulls[i / 8] >> (i % 8) & 1) == 0) skip_value(types[i], r);
  }
}

}  // namespace sensor::mysql
