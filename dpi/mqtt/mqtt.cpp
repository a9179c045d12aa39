#include "dpi/mqtt/mqtt.h"

#include <algorithm>

namespace sensor::mqtt {
namespace {

// Section 2.2.1 (MQTT 3.1.1).
enum Type : uint8_t {
  kConnect = 1,
  kConnack = 2,
  kPublish = 3,
  kPuback = 4,
  kPubrec = 5,
  kPubrel = 6,
  kPubcomp = 7,
  kSubscribe = 8,
  kSuback = 9,
  kUnsubscribe = 10,
  kUnsuback = 11,
};

/// Section 2.2.3: seven bits in each byte, the lowest ones first; the eighth says that another byte follows. Fails behind four bytes.
uint32_t variable_length(ByteReader& r) {
  uint32_t value = 0;
  for (unsigned shift = 0; shift < 28; shift += 7) {
    const uint8_t byte = r.u8();
    value |= uint32_t{byte & 0x7fU} << shift;
    if ((byte & 0x80) == 0) return value;
  }
  r.fail();
  return 0;
}

/// Section 1.5.3.
std::string_view text(ByteReader& r) {
  return r.chars(r.u16());
}

/// The beginning is there and cannot become a length.
bool is_bad_length(Bytes head) {
  return head.size() >= 5 && std::ranges::all_of(head.subspan(1, 4), [](uint8_t b) { return (b & 0x80) != 0; });
}

}  // namespace

void Reader::feed(bool from_client, Bytes piece) {
  Side& s = sides_[from_client ? 0 : 1];
  if (s.held.empty()) {
    const size_t n = std::min<uint64_t>(s.to_skip, piece.size());
    s.to_skip -= n;
    piece = piece.subspan(n);
  }
  s.held.insert(s.held.end(), piece.begin(), piece.end());
  ByteReader r(s.held);
  while (!r.empty() && read_one(from_client, s, r)) {}
  s.held.erase(s.held.begin(), s.held.end() - static_cast<std::ptrdiff_t>(r.remaining()));
}

void Reader::gap(bool from_client) {
  sides_[from_client ? 0 : 1] = {};
}

/// False: the message is not whole, or malformed; then the reader has failed.
bool Reader::read_one(bool from_client, Side& side, ByteReader& r) {
  ByteReader ahead = r;
  Packet p;
  const uint8_t head = ahead.u8();
  p.type = head >> 4;
  p.flags = head & 0x0f;
  p.length = variable_length(ahead);
  if (p.type == 0 || is_bad_length(r.rest())) {
    r.fail();
    sink_.on_violation("malformed MQTT header");
    return false;
  }
  const size_t kept = std::min<size_t>(p.length, kMaxKept);
  if (!ahead.ok() || ahead.remaining() < kept) return false;
  p.content = ahead.sub(kept);
  if (!packet(from_client, p)) {
    r.fail();
    sink_.on_violation("malformed MQTT message");
    return false;
  }
  const size_t beyond = p.length - kept, here = std::min(beyond, ahead.remaining());
  ahead.skip(here);
  side.to_skip = beyond - here;
  r = ahead;
  return true;
}

/// False: malformed.
bool Reader::packet(bool from_client, Packet& p) {
  ByteReader& r = p.content;
  switch (p.type) {
    case kConnect:
      return connect(r);
    case kConnack: {
      r.skip(1);
      const uint8_t code = r.u8();
      if (r.ok()) sink_.on_connect_ack(code);
      return r.ok();
    }
    case kPublish:
      return publish(from_client, p);
    case kPuback:
      return step(Step::Ack, r);
    case kPubrec:
      return step(Step::Received, r);
    case kPubrel:
      return step(Step::Release, r);
    case kPubcomp:
      return step(Step::Complete, r);
    case kSubscribe:
      return topics(r, true);
    case kSuback:
      return subscribe_ack(r);
    case kUnsubscribe:
      return topics(r, false);
    case kUnsuback: {
      const uint16_t id = r.u16();
      if (r.ok()) sink_.on_unsubscribe_ack(id);
      return r.ok();
    }
    default:
      return true;
  }
}

bool Reader::connect(ByteReader& r) {
  constexpr uint8_t kUser = 0x80, kPassword = 0x40, kWill = 0x04, kFirstWithProperties = 5;
  Connect m;
  m.protocol_name = text(r);
  m.protocol_version = r.u8();
  const uint8_t flags = r.u8();
  r.skip(2);  // keep alive
  const bool properties = r.ok() && m.protocol_version == kFirstWithProperties;
  if (properties) r.skip(variable_length(r));
  m.client_id = text(r);
  if ((flags & kWill) != 0) {
    if (properties) r.skip(variable_length(r));
    m.will_topic = text(r);
    m.will_payload = text(r);
  }
  if ((flags & kUser) != 0) text(r);
  if ((flags & kPassword) != 0) text(r);
  if (!r.ok()) return false;
  has_properties_ = properties;
  sink_.on_connect(m);
  return true;
}

bool Reader::publish(bool from_client, Packet& p) {
  Publish m;
  m.qos = p.flags >> 1 & 3;
  m.retain = (p.flags & 1) != 0;
  ByteReader& r = p.content;
  m.topic = text(r);
  if (m.qos != 0) m.id = r.u16();
  if (has_properties_) r.skip(variable_length(r));
  if (!r.ok()) return false;
  m.payload_length = p.length - r.position();
  m.payload = as_chars(r.rest());
  sink_.on_publish(from_client, m);
  return true;
}

bool Reader::step(Step step, ByteReader& r) {
  const uint16_t id = r.u16();
  if (r.ok()) sink_.on_publish_step(step, id);
  return r.ok();
}

bool Reader::topics(ByteReader& r, bool subscribe) {
  const uint16_t id = r.u16();
  if (has_properties_) r.skip(variable_length(r));
  // A list that was cut off to save memory is told as far as it goes.
  const bool whole = r.remaining() < kMaxKept / 2;
  std::vector<Topic> out;
  while (!r.empty() && out.size() < kMaxTopics) {
    Topic t{text(r), {}};
    constexpr uint8_t kQos = 3;
    if (subscribe) t.qos = has_properties_ ? r.u8() & kQos : r.u8();
    if (r.ok()) out.push_back(t);
  }
  if (!r.ok() && (whole || out.empty())) return false;
  subscribe ? sink_.on_subscribe(id, out) : sink_.on_unsubscribe(id, out);
  return true;
}

bool Reader::subscribe_ack(ByteReader& r) {
  const uint16_t id = r.u16();
  if (has_properties_) r.skip(variable_length(r));
  const uint8_t granted = r.u8();
  if (r.ok()) sink_.on_subscribe_ack(id, granted);
  return r.ok();
}

Match looks_like(Bytes client) {
  constexpr uint8_t kConnectHead = kConnect << 4;
  ByteReader r(client);
  if (!client.empty() && client[0] != kConnectHead) return Match::No;
  r.skip(1);
  variable_length(r);
  if (is_bad_length(client)) return Match::No;
  const std::string_view rest = as_chars(r.rest());
  bool possible = !r.ok();
  for (const std::string_view name : {std::string_view("\0\4MQTT", 6), std::string_view("\0\6MQIsdp", 8)}) {
    if (r.ok() && rest.starts_with(name)) return Match::Yes;
    possible |= r.ok() && name.starts_with(rest);
  }
  return possible ? Match::Unsure : Match::No;
}

}  // namespace sensor::mqtt
