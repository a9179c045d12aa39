// Frames of every link type, with what they carry in tunnels and fragments. Input: link type, options, two bytes added to the wire length,
// then frames, each behind a two-byte length.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <memory>
#include <vector>

#include "same_packet.h"
#include "sensor/flow/fragments.h"

namespace sensor {
namespace {

constexpr LinkType kLinks[] = {
    LinkType::Ethernet, LinkType::Null,      LinkType::Ppp,         LinkType::Fddi,      LinkType::PppSerial,
    LinkType::RawIp,    LinkType::Ieee80211, LinkType::LinuxSll,    LinkType::LinuxSll2, LinkType::Ieee80211Radiotap,
    LinkType::Nflog,    LinkType::Loop,      LinkType::Ieee80211Avs};

void require(bool ok) {
  if (!ok) std::abort();
}

bool inside(Bytes part, Bytes whole) {
  const std::less_equal<const uint8_t*> le;
  return part.empty() || (le(whole.data(), part.data()) && le(part.data() + part.size(), whole.data() + whole.size()));
}

class Harness {
 public:
  explicit Harness(bool ignore_checksums)
      : decoder_({.ignore_checksums = ignore_checksums}, &counters_),
        fragments_({.max_datagrams = 4, .max_pieces = 64}, decoder_),
        ignore_checksums_(ignore_checksums) {}

  void frame(const PacketView& view) {
    DecodedPacket& p = packets_[0];
    const DecodeStatus status = decoder_.decode(view, p);
    require(status == test::decode_step_by_step(view, ignore_checksums_, counters_, long_way_));
    require(status != DecodeStatus::Packet || test::same_packet(p, long_way_));
    use(status, 0);
    for (int i = 0; i < 8 && !p.more_frames.empty(); i++) use(decoder_.decode_next(p), 0);
    (void)decoder_.outermost_addresses(view, packets_[0]);
    fragments_.release();
  }

 private:
  void use(DecodeStatus status, size_t depth) {
    DecodedPacket& p = packets_[depth];
    if (status == DecodeStatus::Fragment) status = fragments_.add_all(p);
    for (const DecodeWeird& w : p.weirds) require(!w.name().empty() && w.addl.size <= w.addl.chars.size());
    require(p.tunnel_depth <= kMaxTunnelDepth);
    if (status != DecodeStatus::Packet) return;
    require(inside(p.payload, p.ip) && p.payload.size() <= p.payload_len);
    require(p.transport != Transport::Tcp || p.tcp_cut || p.tcp.header_len < 20 || p.tcp.header_len + p.payload.size() <= p.ip.size());
    for (size_t i = 0; i < p.payload.size(); i++) sum_ = sum_ + p.payload[i];
    if (p.transport == Transport::Udp && depth + 1 < packets_.size()) tunnels(p, depth);
  }
  void tunnels(const DecodedPacket& p, size_t depth) {
    for (const bool from_orig : {true, false}) {
      const Encapsulation carrier{.src = p.tuple.src, .dst = p.tuple.dst, .src_port = p.tuple.src_port, .dst_port = p.tuple.dst_port};
      const UdpTunnelResult r = decoder_.decode_udp_tunnel(p, carrier, from_orig, states_[depth], packets_[depth + 1]);
      require(inside(r.violation_data, p.payload));
      if (r.tunnel != UdpTunnel::None) use(r.status, depth + 1);
    }
  }

  DecodeCounters counters_;
  Decoder decoder_;
  FragmentReassembler fragments_;
  std::array<DecodedPacket, kMaxTunnelDepth + 2> packets_;
  DecodedPacket long_way_;
  bool ignore_checksums_;
  std::array<UdpTunnelState, kMaxTunnelDepth + 2> states_{};
  volatile uint64_t sum_ = 0;  // so that every byte of a payload is read
};

}  // namespace
}  // namespace sensor

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sensor;
  ByteReader in({data, size});
  const LinkType link = kLinks[in.u8() % std::size(kLinks)];
  const uint8_t options = in.u8();
  const uint16_t extra = in.u16();
  Harness harness((options & 1) != 0);
  TimeNs now = 0;
  while (!in.empty()) {
    const size_t length = std::min<size_t>(in.u16(), in.remaining());
    const Bytes bytes = in.bytes(length);
    // A copy of exactly this size, so that a sanitizer sees every read beyond it.
    const std::vector<uint8_t> frame(bytes.begin(), bytes.end());
    harness.frame({.data = frame, .ts_ns = now, .wire_len = static_cast<uint32_t>(frame.size() + extra), .link = link});
    now += kSecond;
  }
  return 0;
}
