// Connections played packet by packet into a FlowTracker, and what it said of them.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "sensor/flow/flow_tracker.h"

namespace sensor::test {

inline constexpr uint8_t kF = tcpflag::kFin, kS = tcpflag::kSyn, kR = tcpflag::kRst, kP = tcpflag::kPsh, kA = tcpflag::kAck,
                         kU = tcpflag::kUrg;

/// A connection that has ended.
struct Ended {
  ConnSummary conn;
  IpAddress orig, resp;
  uint16_t orig_port = 0, resp_port = 0;
  TimeNs due_ns = 0;
  RemoveReason reason = RemoveReason::Idle;
};

/// Keeps everything it is told. `reads` says whether it asks for streams and datagrams of new connections.
class FlowRecorder {
 public:
  void on_new(Flow& f, const DecodedPacket&) {
    f.want_orig = f.want_resp = f.want_packets = reads;
    created++;
  }
  void on_packet(Flow&, Direction, const DecodedPacket&) { packets++; }
  void on_datagram(Flow& f, Direction d, const DecodedPacket& p) { on_data(f, d, p.payload); }
  void on_data(Flow& f, Direction d, Bytes b) {
    streams[index(d)] += as_chars(b);
    if (flip_at_data) {
      flip_at_data = false;
      tracker->flip_roles(f);
    }
  }
  void on_gap(Flow&, Direction d, uint64_t n) { streams[index(d)] += "<" + std::to_string(n) + ">"; }
  void on_eof(Flow&, Direction d) { streams[index(d)] += "$"; }
  void on_established(Flow&) { established++; }
  void on_flip(Flow&) {
    flips++;
    std::swap(streams[0], streams[1]);
  }
  void on_weird(Flow& f, const Weird& w) {
    EXPECT_TRUE(f.had_weird);
    weirds.emplace_back(w.name);
    sources.emplace_back(w.source);
    addl.emplace_back(w.addl);
  }
  void on_remove(Flow& f, TimeNs due, RemoveReason reason) {
    ended.push_back({tracker->summary(f), f.orig_addr(), f.resp_addr(), f.orig_port(), f.resp_port(), due, reason});
  }

  FlowTracker<FlowRecorder>* tracker = nullptr;
  bool reads = true, flip_at_data = false;
  int created = 0, packets = 0, established = 0, flips = 0;
  std::array<std::string, 2> streams;  // orig, resp: data as it is, gaps as <n>, the end as $
  std::vector<std::string> weirds, sources, addl;
  std::vector<Ended> ended;
};

/// Two hosts, and time. Each packet comes a millisecond after the one before unless at() says otherwise.
class FlowStage {
 public:
  explicit FlowStage(FlowConfig config = {}) : tracker(config, seen) { seen.tracker = &tracker; }

  /// A moment in seconds after the start.
  FlowStage& at(double seconds) {
    next_ns_ = kStart + static_cast<TimeNs>(seconds * 1e9);
    return *this;
  }
  FlowStage& ports(uint16_t a, uint16_t b) {
    port_a = a;
    port_b = b;
    return *this;
  }
  /// A TCP packet from host A (the usual client), or from host B.
  FlowStage& a(uint8_t flags, uint32_t seq, uint32_t ack, std::string_view payload = {}) { return tcp(true, flags, seq, ack, payload); }
  FlowStage& b(uint8_t flags, uint32_t seq, uint32_t ack, std::string_view payload = {}) { return tcp(false, flags, seq, ack, payload); }
  /// SYN, SYN+ACK, ACK with the numbers 1000 and 2000; data begins at 1001 and 2001.
  FlowStage& handshake() { return a(kS, 1000, 0).b(kS | kA, 2000, 1001).a(kA, 1001, 2001); }

  DecodedPacket packet(bool from_a, uint8_t ip_proto, Transport transport, std::string_view payload) {
    DecodedPacket p;
    p.ts_ns = next_ns_;
    next_ns_ += kMillisecond;
    p.tuple = {from_a ? host_a : host_b, from_a ? host_b : host_a, from_a ? port_a : port_b, from_a ? port_b : port_a, ip_proto};
    p.transport = transport;
    p.payload = as_bytes(payload);
    p.payload_len = static_cast<uint32_t>(payload.size());
    p.ip_len = 20 + p.payload_len;
    p.checksum_ok = checksum_ok;
    return p;
  }
  FlowStage& tcp(bool from_a, uint8_t flags, uint32_t seq, uint32_t ack, std::string_view payload) {
    DecodedPacket p = packet(from_a, ipproto::kTcp, Transport::Tcp, payload);
    p.ip_len += 20;
    p.tcp = {.seq = seq, .ack = ack, .window = window, .flags = flags, .header_len = 20, .window_scale = window_scale};
    tracker.process({&p, 1});
    return *this;
  }
  FlowStage& udp(bool from_a, std::string_view payload, int udp_len = -1) {
    DecodedPacket p = packet(from_a, ipproto::kUdp, Transport::Udp, payload);
    p.ip_len += 8;
    p.udp_len = udp_len >= 0 ? udp_len : static_cast<int32_t>(payload.size() + 8);
    tracker.process({&p, 1});
    return *this;
  }
  FlowStage& icmp(bool from_a, uint8_t type, uint8_t code, std::string_view payload, uint8_t ip_proto = ipproto::kIcmp) {
    DecodedPacket p = packet(from_a, ip_proto, Transport::Icmp, payload);
    p.ip_len += 8;
    p.icmp_type = type;
    p.icmp_code = code;
    tracker.process({&p, 1});
    return *this;
  }
  /// Ends the input and gives the only connection there was.
  Ended end() {
    tracker.finish(next_ns_);
    EXPECT_EQ(seen.ended.size(), 1U);
    return seen.ended.empty() ? Ended() : seen.ended.back();
  }
  /// Ends the input and gives all connections.
  const std::vector<Ended>& end_all() {
    tracker.finish(next_ns_);
    return seen.ended;
  }
  static double seconds(TimeNs t) { return static_cast<double>(t - kStart) / 1e9; }

  static constexpr TimeNs kStart = 1'700'000'000 * kSecond;
  IpAddress host_a = IpAddress::v4(0x0a000001), host_b = IpAddress::v4(0x0a000002);
  uint16_t port_a = 40000, port_b = 9999;
  uint16_t window = 8192;
  int16_t window_scale = -1;
  bool checksum_ok = true;
  FlowRecorder seen;
  FlowTracker<FlowRecorder> tracker;

 private:
  TimeNs next_ns_ = kStart;
};

}  // namespace sensor::test
