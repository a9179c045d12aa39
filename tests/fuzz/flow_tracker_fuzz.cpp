// Arbitrary packets of a few hosts and ports, in bursts, with a small table: every connection that begins ends exactly once, whatever
// its handler does.
#include <cstdlib>
#include <vector>

#include "sensor/base/byte_reader.h"
#include "sensor/flow/flow_tracker.h"

namespace {

using namespace sensor;

void require(bool ok) {
  if (!ok) std::abort();
}

/// Does what handlers do, as the input's bytes say.
struct Handler {
  FlowTracker<Handler>* tracker = nullptr;
  ByteReader choices;
  uint64_t created = 0, removed = 0;
  int nesting = 0;

  void on_new(Flow& f, const DecodedPacket&) {
    created++;
    require(f.in_use && f.session == 0);
    f.session = 1;
    const uint8_t c = choices.u8();
    f.want_packets = (c & 1) != 0;
    f.want_orig = (c & 2) != 0;
    f.want_resp = (c & 4) != 0;
    if ((c & 8) != 0) tracker->end_when_idle(f, 10 * kSecond, 9 * kSecond);
  }
  void meddle(Flow& f) {
    require(f.in_use && f.session == 1);
    const uint8_t c = choices.u8();
    if ((c & 7) == 1) tracker->flip_roles(f);
    if ((c & 7) == 2) tracker->set_wanted(f, (c & 8) != 0 ? Direction::Orig : Direction::Resp, (c & 16) != 0);
    if ((c & 7) == 3) tracker->mention(f, 'X');
    if ((c & 7) == 4) tracker->set_idle_timeout(f, c * kSecond);
  }
  void on_packet(Flow& f, Direction, const DecodedPacket& p) {
    meddle(f);
    if (nesting < 3 && choices.u8() % 4 == 0) {
      nesting++;
      DecodedPacket inner = p;
      inner.tuple.src = IpAddress::v4(choices.u8());
      tracker->process_nested(inner);
      require(f.in_use && f.session == 1);
      nesting--;
    }
  }
  void on_datagram(Flow& f, Direction d, const DecodedPacket&) {
    require(f.wants(d));
    meddle(f);
  }
  void on_data(Flow& f, Direction d, Bytes b) {
    require(f.wants(d) && !b.empty());
    meddle(f);
  }
  void on_gap(Flow& f, Direction d, uint64_t n) {
    require(f.wants(d) && n > 0);
    meddle(f);
  }
  void on_eof(Flow& f, Direction) { meddle(f); }
  void on_established(Flow& f) { require(f.in_use); }
  void on_flip(Flow& f) { require(f.in_use); }
  void on_weird(Flow& f, const Weird& w) { require(f.in_use && !w.name.empty()); }
  void on_remove(Flow& f, TimeNs, RemoveReason) {
    require(f.in_use && f.session == 1 && !f.busy);
    require(!tracker->summary(f).conn_state.empty());
    f.session = 2;
    removed++;
  }
};

DecodedPacket next_packet(ByteReader& r, TimeNs& now) {
  static constexpr std::array<uint8_t, 1600> kPayload{};
  constexpr std::array<uint16_t, 4> kPorts = {80, 443, 40000, 22};
  DecodedPacket p;
  const uint8_t what = r.u8(), ends = r.u8();
  now += static_cast<TimeNs>(int16_t(r.u16())) * (what & 0x80 ? kSecond : kMillisecond);
  p.ts_ns = now;
  constexpr std::array<uint8_t, 4> kProto = {ipproto::kTcp, ipproto::kTcp, ipproto::kUdp, ipproto::kIcmp};
  p.tuple = {IpAddress::v4(ends & 3), IpAddress::v4(ends >> 2 & 3), kPorts[ends >> 4 & 3], kPorts[ends >> 6], kProto[what & 3]};
  p.transport = p.tuple.ip_proto == ipproto::kTcp ? Transport::Tcp : p.tuple.ip_proto == ipproto::kUdp ? Transport::Udp : Transport::Icmp;
  p.checksum_ok = (what & 4) == 0;
  p.tcp_cut = (what & 0x18) == 0x18;
  p.tcp.header_len = (what & 0x60) == 0x60 ? 12 : 20;
  p.tcp.flags = r.u8();
  p.tcp.window_scale = (p.tcp.flags & 0x40) != 0 ? p.tcp.flags : int16_t{-1};
  p.tcp.seq = r.u32();
  p.tcp.ack = r.u32();
  p.tcp.window = r.u16();
  p.icmp_type = r.u8();
  p.icmp_code = what;
  const uint16_t length = r.u16();
  p.payload_len = length % kPayload.size();
  p.payload = Bytes(kPayload).first(p.payload_len - ((length >> 12) == 15 ? p.payload_len / 2 : 0));
  p.udp_len = (length >> 12) == 14 ? length : static_cast<int32_t>(p.payload_len) + 8;
  p.ip_len = p.payload_len + 40;
  return p;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Bytes input(data, size);
  ByteReader head(input);
  FlowConfig config;
  config.capacity = 64;
  config.hash_seed = head.u8();
  config.reassembly_bytes_max = 4096;
  config.tcp_max_held_segments = 16;
  const size_t burst = 1 + head.u8() % 100;
  Handler handler;
  handler.choices = ByteReader(input.subspan(input.size() / 2));
  FlowTracker<Handler> tracker(config, handler);
  handler.tracker = &tracker;
  ByteReader r(head.rest());
  TimeNs now = 1'700'000'000 * kSecond;
  std::vector<DecodedPacket> packets;
  while (!r.empty()) {
    packets.push_back(next_packet(r, now));
    if (packets.size() < burst) continue;
    tracker.process(packets);
    packets.clear();
    require(handler.created - handler.removed == tracker.size());
  }
  tracker.process(packets);
  tracker.finish(now);
  require(handler.created == handler.removed && tracker.size() == 0);
  return 0;
}
