#include "dpi/smb/frames.h"

#include <algorithm>
#include <string_view>

namespace sensor::smb {
namespace {

constexpr size_t kFrameHeader = 4;
/// A buffer that grew larger is given back when it is empty.
constexpr size_t kKeptCapacity = 64 * 1024;

/// Adds a piece to the frame that `held` begins with. Large frames are common: the room for one grows fast, and not beyond its end, but
/// never far ahead of what has come, since nobody may send the rest.
void append(std::vector<uint8_t>& held, Bytes piece) {
  constexpr size_t kGrowth = 4;
  const size_t needed = held.size() + piece.size();
  if (needed > held.capacity()) {
    ByteReader r(held);
    r.skip(1);
    const size_t frame = kFrameHeader + r.u24();
    held.reserve(std::max(needed, std::min(frame, kGrowth * held.capacity())));
  }
  held.insert(held.end(), piece.begin(), piece.end());
}

}  // namespace

Match begins_with_message(Bytes bytes) {
  constexpr std::string_view kName = "SMB";
  if (bytes.size() <= kFrameHeader) return Match::Unsure;
  const uint8_t mark = bytes[kFrameHeader];
  if (mark != 0xff && mark != 0xfe) return Match::No;
  const Bytes rest = bytes.subspan(kFrameHeader + 1);
  const std::string_view name = as_chars(rest.first(std::min(rest.size(), kName.size())));
  if (name != kName.substr(0, name.size())) return Match::No;
  return name.size() == kName.size() ? Match::Yes : Match::Unsure;
}

bool Frames::add(bool from_client, Bytes piece) {
  if (!in_sync_ && begins_with_message(piece) != Match::Yes) return false;
  in_sync_ = true;
  Side& s = sides_[from_client ? 0 : 1];
  malformed_ = s.cut_off;
  if (malformed_) return true;
  if (s.held.empty()) {
    piece_ = piece;
  } else {
    s.held.erase(s.held.begin(), s.held.begin() + static_cast<std::ptrdiff_t>(s.read));
    append(s.held, piece);
    s.read = 0;
    piece_ = {};
  }
  return true;
}

std::optional<Bytes> Frames::next(bool from_client) {
  constexpr uint8_t kSessionMessage = 0;
  Side& s = sides_[from_client ? 0 : 1];
  while (!malformed_) {
    ByteReader r(s.held.empty() ? piece_ : Bytes(s.held).subspan(s.read));
    const uint8_t type = r.u8();
    const uint32_t length = r.u24();
    malformed_ = length > kMaxFrame;
    const Bytes message = r.bytes(length);
    if (!r.ok() || malformed_) break;
    if (s.held.empty()) {
      piece_ = r.rest();
    } else {
      s.read += kFrameHeader + length;
    }
    if (type == kSessionMessage) return message;
  }
  if (s.read == s.held.size()) {
    s.held.assign(piece_.begin(), piece_.end());
    if (s.held.empty() && s.held.capacity() > kKeptCapacity) s.held.shrink_to_fit();
    s.read = 0;
    piece_ = {};
  }
  return std::nullopt;
}

void Frames::resync() {
  for (Side& s : sides_) {
    s.cut_off |= s.read < s.held.size();
    s.held = {};
    s.read = 0;
  }
  piece_ = {};
  in_sync_ = false;
  malformed_ = false;
}

void Frames::give_up(bool from_client) {
  sides_[from_client ? 0 : 1] = {};
  resync();
}

}  // namespace sensor::smb
