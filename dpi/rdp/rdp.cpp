#include "dpi/rdp/rdp.h"

#include <algorithm>

#include "dpi/rdp/blocks.h"

namespace sensor::rdp {
namespace {

constexpr std::string_view kCookie = "Cookie: mstshash=";
constexpr std::string_view kClientKey = "Duca", kServerKey = "McDn";  // T.124 nonstandard keys (MS-RDPBCGR section 2.2.1.3)
constexpr uint16_t kNegotiationBytes = 8;

// Class 0 TPDUs (RFC 905 section 13).
constexpr uint8_t kConnectConfirm = 0xd0, kConnectRequest = 0xe0, kData = 0xf0;
// MCS connect messages (T.125): application class, in two bytes.
constexpr uint8_t kMcsConnect = 0x7f, kConnectInitial = 0x65, kConnectResponse = 0x66;

bool fails(ByteReader& r) {
  r.fail();
  return false;
}

/// Length of a BER element (X.690 section 8.1.3).
uint32_t ber_length(ByteReader& r) {
  const uint8_t first = r.u8();
  if (first < 0x80) return first;
  uint32_t length = 0;
  const unsigned bytes = first & 0x7f;
  if (bytes > sizeof length) r.fail();
  for (unsigned i = 0; i < bytes && r.ok(); i++) length = length << 8 | r.u8();
  return length;
}
/// An element that tells nothing.
void skip_ber(ByteReader& r) {
  r.skip(1);
  r.skip(ber_length(r));
}

/// MS-RDPBCGR section 2.2.1.1: after the fixed part a cookie, if the client has one, and what it can negotiate, if anything.
bool connect_request(ByteReader& r, size_t length, Sink& sink) {
  r.skip(5);  // references and class
  std::string_view cookie;
  size_t read = 6;  // of what `length` counts, with the type
  const std::string_view rest = as_chars(r.rest());
  if (rest.starts_with(kCookie)) {
    const size_t end = rest.find('\r');
    if (end == std::string_view::npos || rest.substr(end, 2) != "\r\n") return fails(r);
    cookie = rest.substr(kCookie.size(), end - kCookie.size());
    r.skip(end + 2);
    read += end + 2;
  }
  if (read != length) {
    r.skip(2);  // type, flags
    if (r.u16le() != kNegotiationBytes) return fails(r);
    r.skip(4);  // protocols
  }
  if (r.ok()) sink.on_connect_request(cookie);
  return r.ok();
}

/// MS-RDPBCGR section 2.2.1.2.
bool connect_confirm(ByteReader& r, size_t length, Sink& sink) {
  constexpr uint8_t kResponse = 2, kFailure = 3;
  constexpr size_t kNothingMore = 6;
  r.skip(5);
  if (length == kNothingMore) return r.ok();
  const uint8_t type = r.u8();
  r.skip(1);
  const uint16_t bytes = r.u16le();
  const uint32_t value = r.u32le();
  if (!r.ok()) return false;
  if (type == kFailure) {
    sink.on_negotiation_failure(value);
    return true;
  }
  if (type != kResponse || bytes != kNegotiationBytes) return fails(r);
  sink.on_security_protocol(value);
  return true;
}

/// The T.124 object key, and the length of what follows it.
void skip_connect_data(ByteReader& r, bool long_length) {
  r.skip(r.u16());
  if ((r.u8() & 0x80) != 0 && long_length) r.skip(1);
}

bool connect_initial(ByteReader& r, Sink& sink) {
  ber_length(r);
  for (int i = 0; i < 3; i++) skip_ber(r);  // two domain selectors, upward flag
  for (int i = 0; i < 3; i++) skip_ber(r);  // domain parameters: target, minimum, maximum
  r.skip(1);
  ber_length(r);  // of the user data
  skip_connect_data(r, true);
  r.skip(7 + 1);  // conference create request, length of the key
  if (r.chars(kClientKey.size()) != kClientKey) return fails(r);
  r.skip(2);  // length of the blocks
  return parse_blocks(r, sink);
}

bool connect_response(ByteReader& r, Sink& sink) {
  ber_length(r);
  for (int i = 0; i < 3; i++) skip_ber(r);  // result, connect id, domain parameters
  r.skip(1);
  ber_length(r);
  skip_connect_data(r, false);  // servers write a length of one byte, whatever it is
  r.skip(5);                    // conference create response up to its result
  const uint8_t result = r.u8();
  r.skip(3);
  if (r.chars(kServerKey.size()) != kServerKey) return fails(r);
  r.skip(2);
  if (r.ok()) sink.on_create_response(result);
  return parse_blocks(r, sink);
}

bool data(ByteReader& r, Sink& sink) {
  r.skip(1);  // end of a TSDU
  const uint8_t first = r.u8(), type = r.u8();
  if (!r.ok()) return false;
  if (first != kMcsConnect) return true;
  if (type == kConnectInitial) return connect_initial(r, sink);
  if (type == kConnectResponse) return connect_response(r, sink);
  return true;
}

Match client_match(Bytes bytes) {
  constexpr std::string_view kChannels[] = {"rdpdr", "rdpsnd", "drdynvc", "cliprdr"};
  const std::string_view text = as_chars(bytes);
  if (!text.empty() && text[0] != 3) return Match::No;
  if (text.find(kCookie) != std::string_view::npos) return Match::Yes;
  const size_t key = text.find(kClientKey);
  if (key == std::string_view::npos) return Match::Unsure;
  const std::string_view rest = text.substr(key);
  const bool named = std::ranges::any_of(kChannels, [&](std::string_view name) { return rest.find(name) != std::string_view::npos; });
  return named ? Match::Yes : Match::Unsure;
}

Match server_match(Bytes bytes) {
  const std::string_view text = as_chars(bytes);
  if (!text.empty() && text[0] != 3) return Match::No;
  if (text.size() <= 5) return Match::Unsure;
  if (bytes[5] == kConnectConfirm) return Match::Yes;
  return text.find(kServerKey) != std::string_view::npos ? Match::Yes : Match::Unsure;
}

}  // namespace

size_t packet_length(Bytes header) {
  ByteReader r(header);
  r.skip(2);
  return r.u16();
}

bool parse_packet(Bytes packet, Sink& sink) {
  ByteReader r(packet);
  r.skip(kHeaderBytes);
  const uint8_t length = r.u8(), type = r.u8();
  if (!r.ok()) return false;
  switch (type) {
    case kConnectRequest:
      return connect_request(r, length, sink);
    case kConnectConfirm:
      return connect_confirm(r, length, sink);
    case kData:
      return data(r, sink);
    default:
      return true;
  }
}

Match looks_like(Bytes client, Bytes server) {
  return std::min(client_match(client), server_match(server));
}

}  // namespace sensor::rdp
