#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "record_parser.h"

namespace sensor {
namespace {

struct Foreign {
  std::string_view magic;
  std::string_view what;
};

using namespace std::string_view_literals;

/// Things people hand to a packet reader by mistake, and what to do about them.
constexpr std::array<Foreign, 7> kForeign{{
    {"\xfd"
     "7zXZ\0"sv,
     "an xz archive; unpack it with xz -d"},
    {"BZh"sv, "a bzip2 archive; unpack it with bunzip2"},
    {"\x04\x22\x4d\x18"sv, "an lz4 archive; unpack it with lz4 -d"},
    {"PK\x03\x04"sv, "a zip archive; unpack it with unzip"},
    {"snoop\0\0\0"sv, "a Solaris snoop capture; convert it with editcap -F pcap"},
    {"GMBU"sv, "a Microsoft Network Monitor capture; convert it with editcap -F pcap"},
    {"btsnoop\0"sv, "a Bluetooth capture, which holds no IP packets"},
}};

bool starts_with(Bytes head, Bytes magic) {
  return std::ranges::equal(head.first(std::min(head.size(), magic.size())), magic.first(std::min(head.size(), magic.size())));
}

std::string describe(Bytes head) {
  for (const auto& f : kForeign)
    if (head.size() >= f.magic.size() && starts_with(head, as_bytes(f.magic))) return fmt::format("it is {}", f.what);
  std::string hex;
  for (uint8_t b : head.first(std::min<size_t>(head.size(), 4))) hex += fmt::format("{:02x} ", b);
  return fmt::format("it begins with the bytes {}and is neither pcap nor pcapng; editcap -F pcap converts other formats", hex);
}

}  // namespace

Detected detect_format(Bytes head) {
  static constexpr std::array<std::array<uint8_t, 4>, 7> kMagics{{
      {0xa1, 0xb2, 0xc3, 0xd4},
      {0xd4, 0xc3, 0xb2, 0xa1},  // microseconds
      {0xa1, 0xb2, 0x3c, 0x4d},
      {0x4d, 0x3c, 0xb2, 0xa1},  // nanoseconds
      {0xa1, 0xb2, 0xcd, 0x34},
      {0x34, 0xcd, 0xb2, 0xa1},  // the longer record header of Kuznetzov's patch
      {0x0a, 0x0d, 0x0d, 0x0a},  // pcapng section header
  }};
  Detected d;
  const auto magic = std::ranges::find_if(kMagics, [&](const auto& m) { return starts_with(head, m); });
  if (magic == kMagics.end()) {
    d.problem = describe(head);
    return d;
  }
  const bool is_pcapng = magic == kMagics.end() - 1;
  if (head.size() < (is_pcapng ? 12u : 24u)) {
    d.kind = Detected::Kind::NeedMore;
    return d;
  }
  if (!is_pcapng) return make_pcap_parser(head);
  ByteReader r(head);
  r.skip(8);
  const uint32_t order = r.u32();
  if (order != 0x1a2b3c4d && order != 0x4d3c2b1a) {
    d.problem = fmt::format("it begins like pcapng, but its byte-order magic is {:08x}", order);
    return d;
  }
  d.kind = Detected::Kind::Capture;
  d.parser = make_pcapng_parser();
  return d;
}

}  // namespace sensor
