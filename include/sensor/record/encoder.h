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

#include <bit>
#include <cstring>
#include <span>
#include <tuple>
#include <utility>

#include "sensor/record/schema.h"

namespace sensor {

/// Appends to a buffer it does not own. Failure is sticky: what does not fit is not written and ok() turns false.
class RecordEncoder {
 public:
  explicit RecordEncoder(std::span<uint8_t> out) : begin_(out.data()), next_(begin_), end_(begin_ + out.size()) {}

  bool ok() const { return ok_; }
  size_t size() const { return static_cast<size_t>(next_ - begin_); }

  void skip(size_t n) { (void)reserve(n); }
  void raw(const void* data, size_t n) {
    if (n != 0 && reserve(n)) std::memcpy(next_ - n, data, n);
  }
  void u8(uint8_t v) {
    if (reserve(1)) next_[-1] = v;
  }
  template <class T>
  void fixed(T v) {
    static_assert(std::endian::native == std::endian::little);
    raw(&v, sizeof v);
  }
  void varint(uint64_t v) {
    for (; v >= 0x80; v >>= 7) u8(static_cast<uint8_t>(v | 0x80));
    u8(static_cast<uint8_t>(v));
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
    // Two sizes that the compiler knows.
    if (v.is_v4()) {
      u8(4);
      raw(v.wire_bytes().data(), 4);
    } else {
      u8(16);
      raw(v.wire_bytes().data(), 16);
    }
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
    if (n > static_cast<size_t>(end_ - next_)) {
      ok_ = false;
      end_ = next_;
      return false;
    }
    next_ += n;
    return true;
  }

  uint8_t* begin_;
  uint8_t* next_;
  uint8_t* end_;  // after a failure there is no room left
  bool ok_ = true;
};

namespace detail {
// Fields are template arguments, so that the compiler knows where each member lies.
template <class Record, size_t I>
void set_presence(const Record& record, uint64_t& bits, size_t& next) {
  constexpr const auto& f = std::get<I>(LogSchema<Record>::fields);
  if constexpr (f.stored && f.optional) bits |= uint64_t{(record.*f.member).has_value()} << next++;
}

template <class Record, size_t I>
void encode_field(RecordEncoder& out, const Record& record) {
  constexpr const auto& f = std::get<I>(LogSchema<Record>::fields);
  if constexpr (f.stored && f.optional) {
    if ((record.*f.member).has_value()) out.value(*(record.*f.member));
  } else if constexpr (f.stored) {
    out.value(record.*f.member);
  }
}

template <class Record, size_t... I>
void encode_fields(RecordEncoder& out, const Record& record, std::index_sequence<I...> /*all fields*/) {
  constexpr size_t kPresenceBytes = log_info<Record>().presence_bytes;
  uint64_t bits = 0;
  static_assert(kPresenceBytes <= sizeof bits && std::endian::native == std::endian::little);
  size_t next = 0;
  (set_presence<Record, I>(record, bits, next), ...);
  RecordEncoder copy = out;  // the compiler knows that what is written here is not the encoder itself
  copy.raw(&bits, kPresenceBytes);
  (encode_field<Record, I>(copy, record), ...);
  out = copy;
}
}  // namespace detail

/// Appends the presence bits and the values of all stored columns.
template <class Record>
void encode_fields(RecordEncoder& out, const Record& record) {
  detail::encode_fields(out, record, std::make_index_sequence<log_info<Record>().columns.size()>());
}

}  // namespace sensor
