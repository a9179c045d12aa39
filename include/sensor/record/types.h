// The values a log record is made of. Zeek's type names in brackets.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sensor/base/time.h"
#include "sensor/net/ip_address.h"

namespace sensor {

/// [time] A moment.
struct Time {
  TimeNs ns = 0;
  bool operator==(const Time&) const = default;
};
/// [time] A moment that may be centuries away, as certificates and files name them: microseconds since 1970.
struct FarTime {
  int64_t us = 0;
  bool operator==(const FarTime&) const = default;
};
/// [interval] A length of time.
struct Interval {
  DurationNs ns = 0;
  bool operator==(const Interval&) const = default;
};
/// [port] A port number in host order; logs carry the transport elsewhere.
struct Port {
  uint16_t number = 0;
  bool operator==(const Port&) const = default;
};
/// [string] An identifier of a connection (prefix 'C') or a file ('F'): 96 bits, written as the prefix and base62 digits.
struct Uid {
  uint64_t hi = 0;
  uint32_t lo = 0;
  char prefix = 0;  // 0: unset

  bool operator==(const Uid&) const = default;
  auto operator<=>(const Uid&) const = default;
};
/// [enum] A name out of a fixed set; points to static storage.
struct EnumName {
  std::string_view name;
};
/// [set[T]] Written in the order given.
template <class T>
struct Set {
  std::vector<T> items;
};

/// What every record about a connection begins with: Zeek's ts, uid and id.*.
struct ConnHeader {
  Time ts;
  Uid uid;
  IpAddress orig_h;
  Port orig_p;
  IpAddress resp_h;
  Port resp_p;
  uint64_t ip_protocol = 0;  // of the IP header, for the Community ID; 0: the row has none
};

}  // namespace sensor
