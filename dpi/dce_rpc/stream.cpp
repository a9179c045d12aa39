#include "dpi/dce_rpc/stream.h"

#include <algorithm>

namespace sensor::dce_rpc {

void Stream::add(bool from_client, Bytes piece, Sink& sink) {
  if (stopped_) return;
  Side& side = sides_[from_client ? 0 : 1];
  std::vector<uint8_t> joined;
  if (!side.held.empty()) {
    joined = std::move(side.held);
    joined.insert(joined.end(), piece.begin(), piece.end());
    piece = joined;
    side.held.clear();
  }
  while (!piece.empty() && !stopped_) {
    ByteReader r(piece);
    Header h;
    if (piece.size() >= Header::kSize && (!read_header(r, h) || h.length < Header::kSize)) return;
    if (piece.size() < Header::kSize || piece.size() < h.length) {
      side.held.assign(piece.begin(), piece.end());
      return;
    }
    if (!read_unit(side, piece.first(h.length), sink)) return;
    piece = piece.subspan(h.length);
  }
}

/// False: malformed.
bool Stream::read_unit(Side& side, Bytes bytes, Sink& sink) {
  Unit unit;
  if (!dce_rpc::read_unit(bytes, unit)) return false;
  if (unit.security) sink.on_security(*unit.security);
  if (!read_fragment(side, unit, sink)) return false;
  sink.on_unit();
  return true;
}

bool Stream::read_fragment(Side& side, const Unit& unit, Sink& sink) {
  const Header& h = unit.header;
  const auto begun = side.fragments.find(h.call_id);
  std::vector<uint8_t> joined;
  Bytes body = unit.body;
  if (h.first && begun != side.fragments.end()) {
    give_up(sink, "multiple_first_fragments_in_dce_rpc_reassembly");
    return true;
  }
  if (!h.first && begun == side.fragments.end()) return true;  // its beginning was not seen
  if (!h.first || !h.last) {
    std::vector<uint8_t>& fragments = h.first ? side.fragments[h.call_id] : begun->second;
    fragments.insert(fragments.end(), body.begin(), body.end());
    const bool too_many = side.fragments.size() > kMaxCalls, too_long = fragments.size() > kMaxFragments;
    if (h.last) joined = std::move(fragments);
    if (too_many) give_up(sink, "too_many_dce_rpc_msgs_in_reassembly");
    if (too_long) give_up(sink, "too_much_dce_rpc_fragment_data");
    if (!h.last) return true;
    side.fragments.erase(h.call_id);
    body = joined;
  }
  Body message;
  const bool good = read_body(h, body, message);
  sink.on_body(message);
  return good;
}

void Stream::give_up(Sink& sink, std::string_view weird) {
  sink.on_weird(weird);
  stop();
}

void Stream::stop() {
  stopped_ = true;
  sides_ = {};
}

Match begins_with_unit(Bytes bytes) {
  constexpr uint8_t kVersion = 5, kMaxMinor = 1, kLittleEndian = 0x10;
  constexpr auto kAt = [](Bytes b, size_t i, uint8_t otherwise) { return i < b.size() ? b[i] : otherwise; };
  const uint8_t representation = kAt(bytes, 4, 0);
  if (kAt(bytes, 0, kVersion) != kVersion || kAt(bytes, 1, 0) > kMaxMinor || kAt(bytes, 2, 0) > kLastType ||
      (representation != 0 && representation != kLittleEndian) || kAt(bytes, 5, 0) != 0 || kAt(bytes, 6, 0) != 0 || kAt(bytes, 7, 0) != 0)
    return Match::No;
  if (bytes.size() < Header::kSize) return Match::Unsure;
  ByteReader r(bytes);
  Header h;
  return read_header(r, h) && h.length >= Header::kSize + h.auth_length ? Match::Yes : Match::No;
}

}  // namespace sensor::dce_rpc
