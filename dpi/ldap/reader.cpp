#include "dpi/ldap/reader.h"

#include <algorithm>

#include "dpi/asn1/ber.h"

namespace sensor::ldap {
namespace {

/// Before an encrypted message.
constexpr size_t kLength = 4;
constexpr uint16_t kWrapToken = 0x0504;

}  // namespace

Reader::Outcome Reader::add(bool from_client, Bytes piece, Sink& sink) {
  Side& side = sides_[from_client ? 0 : 1];
  std::vector<uint8_t> joined;
  rest_ = piece;
  if (!side.held.empty()) {
    joined = std::move(side.held);
    side.held.clear();
    joined.insert(joined.end(), piece.begin(), piece.end());
    rest_ = joined;
  }
  Step s = Step::Done;
  while (!rest_.empty() && mode_ != Mode::Tls && s == Step::Done) s = step(side, sink);
  if (s == Step::NeedMore) {
    // A long message comes in many pieces: what was joined is kept as it is.
    if (joined.empty()) {
      side.held.assign(rest_.begin(), rest_.end());
    } else {
      joined.erase(joined.begin(), joined.end() - static_cast<std::ptrdiff_t>(rest_.size()));
      side.held = std::move(joined);
    }
  }
  // What is left of TLS came with this piece: a message was read before it.
  rest_ = piece.last(std::min(rest_.size(), piece.size()));
  if (s == Step::Bad) return Outcome::Malformed;
  return mode_ == Mode::Tls ? Outcome::Tls : Outcome::Read;
}

bool Reader::pass_over(bool from_client, uint64_t bytes) {
  Side& side = sides_[from_client ? 0 : 1];
  if (side.skip < bytes) return false;
  side.skip -= bytes;
  return true;
}

bool Reader::is_complete(bool from_client) const {
  const Side& side = sides_[from_client ? 0 : 1];
  return side.held.empty() && side.skip == 0;
}

Reader::Step Reader::step(Side& side, Sink& sink) {
  if (side.skip > 0) {
    const auto n = static_cast<size_t>(std::min<uint64_t>(side.skip, rest_.size()));
    side.skip -= n;
    rest_ = rest_.subspan(n);
    return Step::Done;
  }
  switch (mode_) {
    case Mode::Perhaps:
      return look_ahead();
    case Mode::Encrypted: {
      ByteReader r(rest_);
      const uint32_t length = r.u32();
      if (!r.ok()) return Step::NeedMore;
      side.skip = length;
      rest_ = r.rest();
      return Step::Done;
    }
    case Mode::Kerberos:
      return read_token(side, sink);
    default:
      return read_clear(side, sink);
  }
}

/// A message in the clear begins with a SEQUENCE; the length of an encrypted one will not be that large.
Reader::Step Reader::look_ahead() {
  if (rest_[0] == asn1::kSequence) {
    mode_ = Mode::Clear;
    return Step::Done;
  }
  if (!mechanism_.starts_with("GSS")) {
    mode_ = Mode::Encrypted;
    return Step::Done;
  }
  ByteReader r(rest_);
  const uint32_t length = r.u32();
  const uint16_t token = r.u16();
  if (!r.ok()) return Step::NeedMore;
  mode_ = length >= 2 && token == kWrapToken ? Mode::Kerberos : Mode::Encrypted;
  return Step::Done;
}

Reader::Step Reader::read_clear(Side& side, Sink& sink) {
  constexpr size_t kLongestHeader = 2 + 8;
  ByteReader r(rest_);
  const asn1::Header h = asn1::read_header(r);
  if (h.tag != asn1::kSequence) return Step::Bad;
  if (!r.ok()) return rest_.size() < kLongestHeader ? Step::NeedMore : Step::Bad;
  const uint64_t length = h.length + r.position();
  if (length < h.length) return Step::Bad;
  if (length <= kMaxMessage) {
    if (length > rest_.size()) return Step::NeedMore;
    const Bytes message = rest_.first(static_cast<size_t>(length));
    rest_ = rest_.subspan(message.size());
    return read_one(message, sink) ? Step::Done : Step::Bad;
  }
  Message m;
  m.id = static_cast<int64_t>(asn1::number(asn1::read_element(r).content));
  const uint8_t operation = asn1::read_header(r).tag;
  if (!r.ok()) return rest_.size() < kMaxMessage ? Step::NeedMore : Step::Bad;
  m.operation = Operation::SearchEntry;
  if (operation == asn1::application(static_cast<uint8_t>(m.operation))) sink.on_message(m);
  side.skip = length;
  return Step::Done;
}

bool Reader::read_one(Bytes bytes, Sink& sink) {
  Message m;
  if (!read_message(bytes, m)) return false;
  sink.on_message(m);
  follow(m);
  return true;
}

/// RFC 4121 section 4.2.6.2.
Reader::Step Reader::read_token(Side& side, Sink& sink) {
  constexpr size_t kHeader = 16;
  constexpr uint8_t kSealed = 2;
  ByteReader r(rest_);
  const uint32_t length = r.u32();
  ByteReader token = r;
  const uint16_t id = token.u16();
  const uint8_t flags = token.u8();
  token.skip(1);
  const size_t extra = token.u16(), rotated = token.u16();
  token.skip(8);
  if (r.ok() && (length < kHeader || (token.ok() && (id != kWrapToken || (flags & kSealed) != 0 || length > kMaxMessage)))) {
    side.skip = kLength + uint64_t{length};
    return Step::Done;
  }
  if (!r.ok() || length > r.remaining()) return Step::NeedMore;
  Bytes content = r.bytes(length).subspan(kHeader);
  rest_ = r.rest();
  if ((rotated != extra && rotated != 0) || extra > content.size()) return Step::Bad;
  content = rotated == 0 ? content.first(content.size() - extra) : content.subspan(extra);
  for (ByteReader messages(content); !messages.empty();) {
    const size_t begin = messages.position();
    asn1::read_element(messages);
    if (!messages.ok() || !read_one(content.subspan(begin, messages.position() - begin), sink)) return Step::Bad;
  }
  return Step::Done;
}

/// What a message means for those that come.
void Reader::follow(const Message& m) {
  if (const auto* bind = std::get_if<BindRequest>(&m.body)) {
    if (bind->authentication == Authentication::Sasl) mechanism_ = bind->mechanism;
  } else if (const auto* bound = std::get_if<BindResponse>(&m.body)) {
    if (!mechanism_.empty() && bound->result.code == Result::kSuccess) mode_ = Mode::Perhaps;
    if (mechanism_ == "GSS-SPNEGO" && bound->kerberos) mode_ = Mode::Kerberos;
  } else if (const auto* extended = std::get_if<ExtendedRequest>(&m.body)) {
    wants_tls_ |= extended->name == kStartTls;
  } else if (const auto* done = std::get_if<Response>(&m.body)) {
    if (m.operation == Operation::ExtendedResponse && wants_tls_ && done->result.code == Result::kSuccess) mode_ = Mode::Tls;
  }
}

Match begins_with_bind(Bytes client, Bytes server) {
  // SEQUENCE, a short length, an INTEGER of one byte, a bind request.
  constexpr size_t kSeen = 6;
  const auto at = [](Bytes b, size_t i, uint8_t otherwise) { return i < b.size() ? b[i] : otherwise; };
  const uint8_t bind = asn1::application(0);
  if (at(client, 0, asn1::kSequence) != asn1::kSequence || at(client, 2, asn1::kInteger) != asn1::kInteger || at(client, 3, 1) != 1 ||
      at(client, 5, bind) != bind || at(server, 0, asn1::kSequence) != asn1::kSequence)
    return Match::No;
  return client.size() < kSeen || server.empty() ? Match::Unsure : Match::Yes;
}

}  // namespace sensor::ldap
