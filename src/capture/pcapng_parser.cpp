// pcapng (draft-ietf-opsawg-pcapng): blocks of a type, a length, a body and the length again.
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "link_type.h"
#include "pcapng_time.h"
#include "record_parser.h"
#include "sensor/capture/pcap_file.h"

namespace sensor {
namespace {

enum BlockType : uint32_t { kSection = 0x0a0d0d0a, kInterface = 1, kOldPacket = 2, kSimplePacket = 3, kEnhancedPacket = 6 };

constexpr size_t kMinBlock = 12;
/// libpcap's limit. Longer blocks are taken for damage: without it, a wrong length would pass over the rest of the file in silence.
constexpr uint32_t kMaxBlock = 16 << 20;
/// Interfaces of one section; the limit is on our memory.
constexpr size_t kMaxInterfaces = 65536;

struct Interface {
  LinkType link = LinkType::Ethernet;
  uint32_t snaplen = 0;  // 0: unlimited
  PcapngClock clock;
};

/// Reads integers in the byte order of a section.
class SectionReader {
 public:
  SectionReader(Bytes bytes, bool big_endian) : r_(bytes), big_(big_endian) {}
  uint16_t u16() { return big_ ? r_.u16() : r_.u16le(); }
  uint32_t u32() { return big_ ? r_.u32() : r_.u32le(); }
  uint64_t u64() { return big_ ? r_.u64() : r_.u64le(); }
  ByteReader& raw() { return r_; }

 private:
  ByteReader r_;
  bool big_;
};

class PcapngParser final : public RecordParser {
 public:
  Parsed parse(Bytes window, std::span<PacketView> out) override;
  const std::string& problem() const override { return problem_; }
  bool between_records() const override { return skip_ == 0; }
  std::span<const LinkType> link_types() const override { return links_; }

 private:
  enum class Outcome : uint8_t { NoPacket, Packet, Bad };

  uint32_t block_length(Bytes head, uint32_t type);
  Outcome block(uint32_t type, Bytes body, PacketView& out);
  Outcome section(Bytes body);
  Outcome interface(Bytes body);
  bool read_options(SectionReader& r, PcapngClock& clock);
  Outcome enhanced_packet(Bytes body, PacketView& out);
  Outcome old_packet(Bytes body, PacketView& out);
  Outcome simple_packet(Bytes body, PacketView& out);
  Outcome packet(SectionReader& r, uint32_t interface, uint64_t ticks, PacketView& out);
  Outcome bad(std::string why) {
    problem_ = std::move(why);
    return Outcome::Bad;
  }

  bool big_endian_ = false;
  uint64_t skip_ = 0;  // bytes of a block that nobody wants, still to come
  std::vector<Interface> interfaces_;
  std::vector<LinkType> links_;
  std::string problem_;
};

bool is_parsed(uint32_t type) {
  return type == kSection || type == kInterface || type == kOldPacket || type == kSimplePacket || type == kEnhancedPacket;
}

Parsed PcapngParser::parse(Bytes window, std::span<PacketView> out) {
  Parsed p;
  while (p.packets < out.size()) {
    const auto skipped = static_cast<size_t>(std::min<uint64_t>(skip_, window.size() - p.consumed));
    p.consumed += skipped;
    skip_ -= skipped;
    const Bytes rest = window.subspan(p.consumed);
    if (rest.size() < kMinBlock) {
      p.wanted = skip_ > 0 ? 1 : kMinBlock;
      break;
    }
    // A section's type reads the same in both orders, and its length follows the order that only its body tells.
    uint32_t type = SectionReader(rest, big_endian_).u32();
    const uint32_t length = block_length(rest, type);
    if (length == 0) {
      p.bad = true;
      break;
    }
    if (!is_parsed(type)) {
      skip_ = length;
      continue;
    }
    if (rest.size() < length) {
      p.wanted = length;
      break;
    }
    const Outcome outcome = block(type, rest.first(length), out[p.packets]);
    if (outcome == Outcome::Bad) {
      p.bad = true;
      break;
    }
    p.packets += outcome == Outcome::Packet;
    p.consumed += length;
  }
  return p;
}

/// The block's length, 0 when it cannot be one. `head` holds at least 12 bytes.
uint32_t PcapngParser::block_length(Bytes head, uint32_t type) {
  if (type == kSection) {
    ByteReader r(head);
    r.skip(8);
    const uint32_t order = r.u32();
    if (order != 0x1a2b3c4d && order != 0x4d3c2b1a) {
      problem_ = fmt::format("a section header with the byte-order magic {:08x}", order);
      return 0;
    }
    big_endian_ = order == 0x1a2b3c4d;
  }
  SectionReader r(head, big_endian_);
  (void)r.u32();
  const uint32_t length = r.u32();
  const uint32_t limit = is_parsed(type) ? uint32_t{kMaxWanted} : kMaxBlock;
  if (length < kMinBlock || length > limit || length % 4 != 0) {
    problem_ = fmt::format("a block of type {} and length {}, where a multiple of 4 from {} to {} belongs", type, length, kMinBlock, limit);
    return 0;
  }
  return length;
}

/// `block` is whole. Its second length must repeat the first one.
PcapngParser::Outcome PcapngParser::block(uint32_t type, Bytes block, PacketView& out) {
  SectionReader trailer(block.last(4), big_endian_);
  if (const uint32_t length = trailer.u32(); length != block.size())
    return bad(fmt::format("a block of length {} that ends with the length {}", block.size(), length));
  const Bytes body = block.subspan(8, block.size() - kMinBlock);
  switch (type) {
    case kEnhancedPacket:
      return enhanced_packet(body, out);
    case kInterface:
      return interface(body);
    case kSection:
      return section(body);
    case kSimplePacket:
      return simple_packet(body, out);
    default:
      return old_packet(body, out);
  }
}

PcapngParser::Outcome PcapngParser::section(Bytes body) {
  SectionReader r(body, big_endian_);
  (void)r.u32();
  const unsigned major = r.u16(), minor = r.u16();
  if (!r.raw().ok()) return bad("a section header that is too short");
  if (major != 1 || (minor != 0 && minor != 2))
    return bad(fmt::format("a section of pcapng version {}.{}, and only 1.0 is known", major, minor));
  interfaces_.clear();
  return Outcome::NoPacket;
}

PcapngParser::Outcome PcapngParser::interface(Bytes body) {
  SectionReader r(body, big_endian_);
  Interface i;
  i.link = link_type_of_file(r.u16());
  r.raw().skip(2);
  i.snaplen = r.u32();
  if (!r.raw().ok()) return bad("an interface description that is too short");
  if (interfaces_.size() >= kMaxInterfaces) return bad(fmt::format("more than {} interfaces in one section", kMaxInterfaces));
  if (!read_options(r, i.clock)) return Outcome::Bad;
  interfaces_.push_back(i);
  if (std::ranges::find(links_, i.link) == links_.end()) links_.push_back(i.link);
  return Outcome::NoPacket;
}

/// Options are a code, a length and a value padded to 4 bytes; they end with code 0 or with the block.
bool PcapngParser::read_options(SectionReader& r, PcapngClock& clock) {
  constexpr uint16_t kEnd = 0, kResolution = 9, kOffset = 14;
  while (r.raw().remaining() >= 4) {
    const uint16_t code = r.u16(), length = r.u16();
    const Bytes value = r.raw().bytes(length);
    if (!r.raw().ok()) {
      problem_ = fmt::format("an interface option of length {} that runs past its block", length);
      return false;
    }
    r.raw().skip(std::min<size_t>(r.raw().remaining(), (4 - length % 4) % 4));
    if (code == kEnd) break;
    if (code == kResolution && length == 1 && !clock.set_resolution(value[0])) {
      problem_ = fmt::format("a time resolution of {:#04x}, which is finer than 64 bits can count", value[0]);
      return false;
    }
    if (code == kOffset && length == 8) clock.set_offset(static_cast<int64_t>(SectionReader(value, big_endian_).u64()));
  }
  return true;
}

PcapngParser::Outcome PcapngParser::enhanced_packet(Bytes body, PacketView& out) {
  SectionReader r(body, big_endian_);
  const uint32_t interface = r.u32();
  const uint64_t high = r.u32(), low = r.u32();
  return packet(r, interface, high << 32 | low, out);
}

PcapngParser::Outcome PcapngParser::old_packet(Bytes body, PacketView& out) {
  SectionReader r(body, big_endian_);
  const uint32_t interface = r.u16();
  r.raw().skip(2);  // drops
  const uint64_t high = r.u32(), low = r.u32();
  return packet(r, interface, high << 32 | low, out);
}

/// What enhanced and old packet blocks have in common: lengths and data.
PcapngParser::Outcome PcapngParser::packet(SectionReader& r, uint32_t interface, uint64_t ticks, PacketView& out) {
  const uint32_t captured = r.u32(), wire = r.u32();
  if (!r.raw().ok()) return bad("a packet block that is too short");
  if (interface >= interfaces_.size())
    return bad(fmt::format("a packet of interface {}, and {} are described", interface, interfaces_.size()));
  if (captured > PcapFileSource::kMaxPacketBytes)
    return bad(fmt::format("a packet length of {} bytes, where {} is the most there can be", captured, PcapFileSource::kMaxPacketBytes));
  const Bytes data = r.raw().bytes(captured);
  if (!r.raw().ok()) return bad(fmt::format("a packet of {} bytes that runs past its block", captured));
  const Interface& i = interfaces_[interface];
  out = {.data = data, .ts_ns = i.clock.to_ns(ticks), .wire_len = wire, .link = i.link};
  return Outcome::Packet;
}

/// No captured length: it is what the wire, the snapshot length and the block allow. No time either.
PcapngParser::Outcome PcapngParser::simple_packet(Bytes body, PacketView& out) {
  if (interfaces_.empty()) return bad("a simple packet block before any interface is described");
  SectionReader r(body, big_endian_);
  const uint32_t wire = r.u32();
  if (!r.raw().ok()) return bad("a packet block that is too short");
  const Interface& i = interfaces_[0];
  const uint32_t captured = i.snaplen == 0 ? wire : std::min(wire, i.snaplen);
  if (captured > r.raw().remaining() || captured > PcapFileSource::kMaxPacketBytes)
    return bad(fmt::format("a packet of {} bytes that runs past its block", captured));
  out = {.data = r.raw().bytes(captured), .ts_ns = 0, .wire_len = wire, .link = i.link};
  return Outcome::Packet;
}

}  // namespace

std::unique_ptr<RecordParser> make_pcapng_parser() {
  return std::make_unique<PcapngParser>();
}

}  // namespace sensor
