#include "connection.h"

#include <algorithm>
#include <cstring>

namespace sensor::gen {
namespace {

enum Flags : uint8_t { kFin = 1, kSyn = 2, kRst = 4, kPsh = 8, kAck = 16 };
/// MSS 1460, SACK permitted, window scale 7 (RFC 9293 section 3.2, RFC 7323).
constexpr std::string_view kSynOptions("\x02\x04\x05\xb4\x01\x01\x04\x02\x01\x03\x03\x07", 12);
constexpr TimeNs kWithinFlight = 40 * kMicrosecond;
constexpr TimeNs kRetransmission = 200 * kMillisecond;

App pick_app(const Mix& mix, Random& r) {
  double total = 0;
  for (double w : mix) total += w;
  double at = r.unit() * total;
  for (size_t i = 0; i < mix.size(); i++) {
    if (at < mix[i]) return static_cast<App>(i);
    at -= mix[i];
  }
  return static_cast<App>(std::ranges::max_element(mix) - mix.begin());
}

uint64_t seconds_ns(double s) {
  return static_cast<uint64_t>(s * 1e9);
}

}  // namespace

Connection::Connection(const Options& o, uint64_t number) : options_(&o), number_(number) {
  Random r(o.seed, number);
  seed_ = r.next();
  app_ = pick_app(o.mix, r);
  seq_client_ = static_cast<uint32_t>(r.next());
  seq_server_ = static_cast<uint32_t>(r.next());
}

Character Connection::character() const {
  return {.seed = seed_, .app = app_, .packets = options_->packets_per_connection, .bulk_bytes = options_->bulk_bytes};
}

/// Clients take turns, each with a new port each time: no two connections of a capture share a client's address and port.
Endpoints Connection::endpoints() const {
  Random r(seed_, 1);
  Endpoints e;
  e.v6 = r.chance(options_->ipv6_share);
  constexpr uint64_t kPorts = 28'000, kFirstPort = 32'768;
  const uint64_t clients = std::clamp<uint64_t>(options_->connections / 100, 16, 1 << 20);
  uint64_t client = number_ % clients + 256;
  uint64_t server = r.below(4096);
  e.client.port = static_cast<uint16_t>(kFirstPort + number_ / clients % kPorts);
  e.server.port = server_port(character());
  if (app_ == App::Syn) server = 1;
  if (app_ == App::Scan) {
    client = number_ % 4;
    server = number_ / 4 % 65536;
    e.client.port = static_cast<uint16_t>(kFirstPort + r.below(kPorts));
  }
  if (app_ == App::Dns) server = r.below(4);
  const auto put = [&](Endpoint& p, uint32_t v4_prefix, uint32_t v6_subnet, uint64_t host) {
    const auto word = [&](size_t at, uint64_t v) {
      for (size_t i = 0; i < 4; i++) p.address[at + i] = static_cast<uint8_t>(v >> (24 - 8 * i));
    };
    word(e.v6 ? 12 : 0, (e.v6 ? 0 : v4_prefix) + host + 1);
    if (e.v6) word(0, 0x20010db8), word(4, v6_subnet);
  };
  put(e.client, 0x0a000000, 1, client);  // 10.0.0.0/8
  put(e.server, 0xc6120000, 2, server);  // 198.18.0.0/15, RFC 2544's benchmark network
  return e;
}

TimeNs Connection::rtt_ns() const {
  Random r(seed_, 2);
  return static_cast<TimeNs>(r.heavy_tailed(20 * kMillisecond) % (400 * kMillisecond)) + kMillisecond;
}

/// When the next packet follows in its own time, or, long-lived, when its share of the window is over.
TimeNs Connection::pace(TimeNs now, TimeNs natural_ns) const {
  if (!options_->long_lived) return now + natural_ns;
  const double left_s = options_->window_s * 0.9;
  const uint32_t packets = std::max<uint32_t>(options_->packets_per_connection, 10);
  Random r(seed_, static_cast<uint64_t>(now));
  return now + static_cast<TimeNs>(seconds_ns(left_s / packets * (0.5 + r.unit())));
}

std::string_view Connection::tcp(FrameBuilder& b, bool from_client, uint8_t flags, std::string_view payload, std::string_view options) {
  uint32_t& mine = from_client ? seq_client_ : seq_server_;
  const uint32_t theirs = from_client ? seq_server_ : seq_client_;
  const TcpFields fields{.seq = mine, .ack = (flags & kAck) != 0 ? theirs : 0, .flags = flags, .window = 64240, .options = options};
  mine += static_cast<uint32_t>(payload.size()) + ((flags & (kSyn | kFin)) != 0 ? 1 : 0);
  return b.tcp(endpoints(), from_client, fields, payload);
}

Connection::Step Connection::step(TimeNs now, FrameBuilder& b) {
  switch (phase_) {
    case Phase::Start:
      return app_ == App::Dns ? datagram(now, b) : start(now, b);
    case Phase::SynAck:
      return go(tcp(b, false, kSyn | kAck, {}, kSynOptions), Phase::HandshakeAck, now + 100 * kMicrosecond);
    case Phase::HandshakeAck:
      return go(tcp(b, true, kAck), Phase::Message, now + 200 * kMicrosecond);
    case Phase::Message:
      return next_message(now, b);
    case Phase::Segment:
      return segment(now, b);
    case Phase::Repeat: {
      // The segment before offset_, once more, with the sequence number that it had.
      const auto length = static_cast<uint32_t>(offset_ % kSegmentBytes == 0 ? kSegmentBytes : offset_ % kSegmentBytes);
      const std::string_view again = segment_frame(b, offset_ - length, length, (from_client_ ? seq_client_ : seq_server_) - length);
      return after_segment(now, again);
    }
    case Phase::Ack: {
      unacknowledged_ = 0;
      const bool message_ended = offset_ == message_bytes_;
      const std::string_view f = tcp(b, !from_client_, kAck);
      return go(f, message_ended ? Phase::Message : Phase::Segment, pace(now, kWithinFlight));
    }
    case Phase::ScanAnswer:
      return end(tcp(b, false, kRst | kAck));
    default:
      return close(now, b);
  }
}

Connection::Step Connection::start(TimeNs now, FrameBuilder& b) {
  const std::string_view syn = tcp(b, true, kSyn, {}, kSynOptions);
  if (app_ == App::Syn || (app_ == App::Scan && seed_ % 10 < 3)) return end(syn);
  return go(syn, app_ == App::Scan ? Phase::ScanAnswer : Phase::SynAck, now + rtt_ns());
}

Connection::Step Connection::datagram(TimeNs now, FrameBuilder& b) {
  Message m, following;
  make_message(character(), message_++, m);
  const std::string_view frame = b.udp(endpoints(), m.from_client, m.head);
  if (!make_message(character(), message_, following)) return end(frame);
  return go(frame, Phase::Start, now + (following.from_client == m.from_client ? 30 * kMicrosecond : rtt_ns()));
}

/// Begins the next message, or closes. The round trip passes before an answer; two messages of one side follow each other at once.
Connection::Step Connection::next_message(TimeNs now, FrameBuilder& b) {
  Message m;
  if (!make_message(character(), message_, m)) {
    // Idle connections stay open, and so do long-lived ones.
    if (app_ == App::Idle || options_->long_lived) return unacknowledged_ > 0 ? end(tcp(b, !from_client_, kAck)) : end({});
    return close(now, b);
  }
  const bool turns = m.from_client != from_client_;
  const TimeNs wait = static_cast<TimeNs>(seconds_ns(m.wait_s)) + (turns && !m.from_client ? rtt_ns() : 0);
  message_++;
  message_bytes_ = m.size();
  body_bytes_ = m.body_bytes;
  head_bytes_ = static_cast<uint32_t>(m.head.size());
  pool_offset_ = m.pool_offset;
  from_client_ = m.from_client;
  text_ = m.text;
  offset_ = 0;
  if (turns) unacknowledged_ = 0;  // the answer carries the acknowledgement
  return go({}, Phase::Segment, options_->long_lived && message_ > 1 ? pace(now, 0) : now + std::max<TimeNs>(wait, kMicrosecond));
}

/// One segment of the message at hand. Its body comes straight from the pool; only the ends of a message are made again.
std::string_view Connection::segment_frame(FrameBuilder& b, uint64_t offset, uint32_t length, uint32_t seq) {
  std::string scratch;
  std::string_view payload;
  if (offset >= head_bytes_ && offset + length <= head_bytes_ + body_bytes_) {
    payload = body_pool(text_).substr((pool_offset_ + (offset - head_bytes_)) % kPoolBytes, length);
  } else {
    Message m;
    make_message(character(), message_ - 1, m);
    const std::string_view pool = body_pool(text_);
    // At most three pieces: of the head, of the body, of the tail.
    while (scratch.size() < length) {
      const uint64_t at = offset + scratch.size(), room = length - scratch.size();
      if (at < head_bytes_)
        scratch += std::string_view(m.head).substr(at, room);
      else if (at < head_bytes_ + body_bytes_)
        scratch += pool.substr((pool_offset_ + (at - head_bytes_)) % kPoolBytes, std::min(room, head_bytes_ + body_bytes_ - at));
      else
        scratch += std::string_view(m.tail).substr(at - head_bytes_ - body_bytes_, room);
    }
    payload = scratch;
  }
  const bool last = offset + length == message_bytes_;
  const uint32_t ack = from_client_ ? seq_server_ : seq_client_;
  const auto flags = static_cast<uint8_t>(last ? kPsh | kAck : kAck);
  return b.tcp(endpoints(), from_client_, {.seq = seq, .ack = ack, .flags = flags, .window = 64240, .options = {}}, payload);
}

Connection::Step Connection::segment(TimeNs now, FrameBuilder& b) {
  const auto length = static_cast<uint32_t>(std::min<uint64_t>(kSegmentBytes, message_bytes_ - offset_));
  uint32_t& seq = from_client_ ? seq_client_ : seq_server_;
  std::string_view frame = segment_frame(b, offset_, length, seq);
  seq += length;
  offset_ += length;
  unacknowledged_++;
  if (options_->loss_share > 0) {
    Random r(seed_, offset_ << 20 | message_);
    if (r.chance(options_->loss_share)) {
      if (r.chance(0.5)) return go(frame, Phase::Repeat, now + kRetransmission);
      frame = {};
    }
  }
  return after_segment(now, frame);
}

/// Every second segment is acknowledged on its own, and the last one of a message where no answer follows at once.
Connection::Step Connection::after_segment(TimeNs now, std::string_view frame) {
  const bool message_ended = offset_ == message_bytes_;
  if (unacknowledged_ >= 2) return go(frame, Phase::Ack, now + (message_ended ? kWithinFlight : rtt_ns() / 8));
  return go(frame, message_ended ? Phase::Message : Phase::Segment, pace(now, kWithinFlight));
}

/// FIN from the client, FIN and ACK from the server, and the last ACK.
Connection::Step Connection::close(TimeNs now, FrameBuilder& b) {
  switch (phase_) {
    case Phase::FinAck:
      return go(tcp(b, false, kFin | kAck), Phase::LastAck, now + 100 * kMicrosecond);
    case Phase::LastAck:
      return end(tcp(b, true, kAck));
    default:
      return go(tcp(b, true, kFin | kAck), Phase::FinAck, now + rtt_ns());
  }
}

}  // namespace sensor::gen
