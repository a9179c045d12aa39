// Is it DNS? For ports that tell nothing, so every rule here leans towards no.
#include <algorithm>

#include "dpi/dns/dns.h"

namespace sensor::dns {

namespace {
constexpr uint16_t kMaxRecords = 512;  // of one message, all sections together
constexpr uint16_t kClassInternet = 1, kClassChaos = 3, kClassAny = 255;
constexpr uint16_t kMulticastBit = 0x8000;  // RFC 6762: unicast answer wanted, cache flush

bool is_host_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

bool is_host_name(std::string_view name) {
  return std::all_of(name.begin(), name.end(), is_host_char);
}

bool is_plausible_class(uint16_t c) {
  c &= static_cast<uint16_t>(~kMulticastBit);
  return c == kClassInternet || c == kClassChaos || c == kClassAny;
}

bool sound_header(const Header& h) {
  if (h.opcode != 0 || (h.z & 4) != 0 || h.questions > 1) return false;
  if (h.response) return h.questions == 1 && h.rcode <= 10 && h.answers + h.authorities + h.additionals <= kMaxRecords;
  return h.questions == 1 && h.rcode == 0 && !h.authoritative && !h.recursion_available && !h.truncated && h.answers == 0 &&
         h.authorities == 0 && h.additionals <= 2;
}

bool skip_question(ByteReader& in, Name& name) {
  if (name.read(in, false) != 0 || name.view().empty() || !is_host_name(name.view())) return false;
  const uint16_t type = in.u16();
  const uint16_t qclass = in.u16();
  return in.ok() && !query_type_name(type).empty() && is_plausible_class(qclass);
}

bool skip_record(ByteReader& in, Name& name) {
  if (name.read(in, false) != 0) return false;
  const uint16_t type = in.u16();
  const uint16_t rclass = in.u16();
  in.skip(4);
  in.skip(in.u16());
  return in.ok() && !query_type_name(type).empty() && (type == rr::kOpt || is_plausible_class(rclass));
}
}  // namespace

bool looks_like_message(Bytes message) {
  ByteReader in(message);
  const Header h = read_header(in);
  if (!in.ok() || !sound_header(h)) return false;
  Name name;
  if (!skip_question(in, name)) return false;
  for (int left = h.answers + h.authorities + h.additionals; left > 0; left--) {
    if (!skip_record(in, name)) return false;
  }
  return in.empty();
}

StreamProbe looks_like_stream(Bytes stream) {
  constexpr size_t kSmallest = kHeaderBytes + 5;
  ByteReader in(stream);
  if (in.remaining() < 2) return StreamProbe::NeedMore;
  const size_t length = in.u16();
  if (length < kSmallest) return StreamProbe::No;
  if (in.remaining() >= length) return looks_like_message(in.bytes(length)) ? StreamProbe::Yes : StreamProbe::No;
  const Header h = read_header(in);
  return !in.ok() || sound_header(h) ? StreamProbe::NeedMore : StreamProbe::No;
}

}  // namespace sensor::dns
