// A record's members as bytes, driven by its field table. docs/ARCHITECTURE.md has no other description of the format: it never
// leaves the process.
//
//   presence bits   one per optional stored column, first column in the lowest bit of the first byte
//   then every present stored column in order:
//     time, interval, double   8 bytes, little endian
//     count                    varint (7 bits a byte, least significant first)
//     int                      zigzag varint
//     bool                     1 byte
//     port                     2 bytes, little endian
//     addr                     1 byte 4 or 16, then the address in network order
//     uid                      1 byte prefix; when it is not 0: 8 bytes hi and 4 bytes lo, little endian
//     string, enum             varint length, bytes
//     set, vector              varint number of elements, elements
#pragma once

#include <array>
#include <bit>
#include <cstring>
#include <span>

#include "sensor/record/schema.h"

namespace sensor {

/// Appends to a buffer it does not own. Failure is sticky: what does not fit is not written and ok() turns false.
class RecordEncoder {
 public:
  explicit RecordEncoder(std::span<uint8_t> out) : out_(out) {}

  bool ok() const { return ok_; }
  size_t size() const { return pos_; }

  void skip(size_t n) { (void)reserve(n); }
  void raw(const void* data, size_t n) {
    if (n != 0 && reserve(n)) std::memcpy(&out_[pos_ - n], data, n);
  }
  void u8(uint8_t v) {
    if (reserve(1)) out_[pos_ - 1] = v;
  }
  template <class T>
  void fixed(T v) {
    static_assert(std::endian::native == std::endian::little);
    raw(&v, sizeof v);
  }
  void varint(uint64_t v) {
    if (v < 0x80) return u8(static_cast<uint8_t>(v));
    std::array<uint8_t, 10> tmp;
    size_t n = 0;
    for (; v >= 0x80; v >>= 7) tmp[n++] = static_cast<uint8_t>(v | 0x80);
    tmp[n++] = static_cast<uint8_t>(v);
    raw(tmp.data(), n);
  }

  void value(const Time& v) { fixed(v.ns); }
  void value(const FarTime& v) { fixed(v.us); }
  void value(const Interval& v) { fixed(v.ns); }
  void value(double v) { fixed(std::bit_cast<uint64_t>(v)); }
  void value(uint64_t v) { varint(v); }
  void value(int64_t v) { varint(static_cast<uint64_t>(v) << 1 ^ static_cast<uint64_t>(v >> 63)); }
  void value(bool v) { u8(v ? 1 : 0); }
  void value(const Port& v) { fixed(v.number); }
  void value(const IpAddress& v) {
    const Bytes b = v.wire_bytes();
    u8(static_cast<uint8_t>(b.size()));
    raw(b.data(), b.size());
  }
  void value(const Uid& v) {
    u8(static_cast<uint8_t>(v.prefix));
    if (v.prefix == 0) return;
    fixed(v.hi);
    fixed(v.lo);
  }
  void value(std::string_view v) {
    varint(v.size());
    raw(v.data(), v.size());
  }
  void value(const std::string& v) { value(std::string_view(v)); }
  void value(const EnumName& v) { value(v.name); }
  template <class T>
  void value(const std::vector<T>& v) {
    varint(v.size());
    for (const T& item : v) value(item);
  }
  template <class T>
  void value(const Set<T>& v) {
    value(v.items);
  }

 private:
  bool reserve(size_t n) {
    if (!ok_ || n > out_.size() - pos_) {
      ok_ = false;
      return false;
    }
    pos_ += n;
    return true;
  }

  std::span<uint8_t> out_;
  size_t pos_ = 0;
  bool ok_ = true;
};

namespace detail {
template <class Record, class F>
void set_presence(const Record& record, const F& f, std::span<uint8_t> bits, size_t& next) {
  if constexpr (F::stored && F::optional) {
    if ((record.*f.member).has_value()) bits[next / 8] = static_cast<uint8_t>(bits[next / 8] | 1u << next % 8);
    next++;
  }
}

template <class Record, class F>
void encode_field(RecordEncoder& out, const Record& record, const F& f) {
  if constexpr (F::stored && F::optional) {
    if ((record.*f.member).has_value()) out.value(*(record.*f.member));
  } else if constexpr (F::stored) {
    out.value(record.*f.member);
  }
}
}  // namespace detail

/// Appends the presence bits and the values of all stored columns.
template <class Record>
void encode_fields(RecordEncoder& out, const Record& record) {
  std::array<uint8_t, log_info<Record>().presence_bytes> bits{};
  std::apply(
      [&](const auto&... f) {
        size_t next = 0;
        (detail::set_presence(record, f, bits, next), ...);
        out.raw(bits.data(), bits.size());
        (detail::encode_field(out, record, f), ...);
      },
      LogSchema<Record>::fields);
}

}  // namespace sensor
