// The classic pcap format (draft-ietf-opsawg-pcap) and the variants that libpcap reads.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "link_type.h"
#include "record_parser.h"
#include "sensor/capture/pcap_file.h"

namespace sensor {
namespace {

/// How a file's record headers are laid out; fixed by its file header.
struct Layout {
  bool big_endian = false;
  uint32_t ns_per_unit = 1000;
  size_t header_bytes = 16;
  /// Before version 2.3 the two lengths stood the other way round; in 2.3 they stand in either order and the smaller one is the
  /// captured length.
  enum class Lengths : uint8_t { CapturedFirst, WireFirst, SmallerIsCaptured } lengths = Lengths::CapturedFirst;
};

struct RecordHeader {
  uint32_t seconds, fraction, captured, wire;
};

template <bool BigEndian>
RecordHeader read_header(Bytes bytes) {
  ByteReader r(bytes);
  RecordHeader h{};
  if constexpr (BigEndian) {
    h.seconds = r.u32(), h.fraction = r.u32(), h.captured = r.u32(), h.wire = r.u32();
  } else {
    h.seconds = r.u32le(), h.fraction = r.u32le(), h.captured = r.u32le(), h.wire = r.u32le();
  }
  return h;
}

class PcapParser final : public RecordParser {
 public:
  PcapParser(Layout layout, LinkType link, uint32_t snaplen) : layout_(layout), snaplen_(snaplen), links_{link} {}

  Parsed parse(Bytes window, std::span<PacketView> out) override {
    return layout_.big_endian ? parse_records<true>(window, out) : parse_records<false>(window, out);
  }
  const std::string& problem() const override { return problem_; }
  bool between_records() const override { return true; }
  std::span<const LinkType> link_types() const override { return links_; }

 private:
  template <bool BigEndian>
  Parsed parse_records(Bytes window, std::span<PacketView> out);
  void order_lengths(RecordHeader& h) const;

  Layout layout_;
  uint32_t snaplen_;
  std::array<LinkType, 1> links_;
  std::string problem_;
};

template <bool BigEndian>
Parsed PcapParser::parse_records(Bytes window, std::span<PacketView> out) {
  Parsed p;
  const size_t header_bytes = layout_.header_bytes;
  while (p.packets < out.size()) {
    const Bytes rest = window.subspan(p.consumed);
    if (rest.size() < header_bytes) {
      p.wanted = header_bytes;
      break;
    }
    RecordHeader h = read_header<BigEndian>(rest.first(16));
    order_lengths(h);
    if (h.captured > PcapFileSource::kMaxPacketBytes) {
      problem_ = fmt::format("a packet length of {} bytes, where {} is the most there can be", h.captured, PcapFileSource::kMaxPacketBytes);
      p.bad = true;
      break;
    }
    const size_t record_bytes = header_bytes + h.captured;
    if (rest.size() < record_bytes) {
      p.wanted = record_bytes;
      break;
    }
    out[p.packets++] = {.data = rest.subspan(header_bytes, std::min(h.captured, snaplen_)),
                        .ts_ns = static_cast<TimeNs>(uint64_t{h.seconds} * 1'000'000'000 + uint64_t{h.fraction} * layout_.ns_per_unit),
                        .wire_len = h.wire,
                        .link = links_[0]};
    p.consumed += record_bytes;
  }
  return p;
}

void PcapParser::order_lengths(RecordHeader& h) const {
  if (layout_.lengths == Layout::Lengths::CapturedFirst) [[likely]]
    return;
  if (layout_.lengths == Layout::Lengths::WireFirst || h.captured > h.wire) std::swap(h.captured, h.wire);
}

}  // namespace

Detected make_pcap_parser(Bytes head) {
  ByteReader r(head);
  const uint32_t magic = r.u32();
  Layout layout;
  layout.big_endian = magic >> 16 == 0xa1b2;
  const auto u16 = [&] { return layout.big_endian ? r.u16() : r.u16le(); };
  const auto u32 = [&] { return layout.big_endian ? r.u32() : r.u32le(); };
  const uint32_t kind = layout.big_endian ? magic & 0xffff : (magic >> 24 | (magic >> 8 & 0xff00));
  if (kind == 0x3c4d) layout.ns_per_unit = 1;
  if (kind == 0xcd34) layout.header_bytes = 24;
  const unsigned major = u16(), minor = u16();
  r.skip(8);  // time zone and accuracy: always 0 in practice, ignored by every reader
  const uint32_t snaplen = u32(), link = u32();

  Detected d;
  const bool is_dg_ux = major == 543 && minor == 0;
  if (!is_dg_ux && (major != 2 || minor > 4)) {
    d.problem = fmt::format("it is a pcap file of version {}.{}, and only 2.0 to 2.4 are known", major, minor);
    return d;
  }
  if (is_dg_ux || minor < 3) layout.lengths = Layout::Lengths::WireFirst;
  if (!is_dg_ux && minor == 3) layout.lengths = Layout::Lengths::SmallerIsCaptured;
  d.kind = Detected::Kind::Capture;
  d.header_bytes = 24;
  const bool unlimited = snaplen == 0 || snaplen > PcapFileSource::kMaxPacketBytes;
  d.parser = std::make_unique<PcapParser>(layout, link_type_of_file(link), unlimited ? PcapFileSource::kMaxPacketBytes : snaplen);
  return d;
}

}  // namespace sensor
