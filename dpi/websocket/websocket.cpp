#include "dpi/websocket/websocket.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>

namespace sensor::websocket {
namespace {

enum Opcode : uint8_t { kContinuation = 0, kText = 1, kBinary = 2, kClose = 8, kPing = 9, kPong = 10 };

}  // namespace

std::string accept_for(std::string_view key) {
  const std::string text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  if (EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha1(), nullptr) != 1) return {};
  std::array<unsigned char, 4 * ((SHA_DIGEST_LENGTH + 2) / 3) + 1> out{};
  const int n = EVP_EncodeBlock(out.data(), digest.data(), static_cast<int>(digest.size()));
  return std::string(out.begin(), out.begin() + n);
}

bool FrameReader::feed(Bytes bytes, FrameSink& sink) {
  while (!bytes.empty() && step_ != Step::Failed) {
    const size_t n = std::min(needed_ - held_.size(), bytes.size());
    held_.append(as_chars(bytes.first(n)));
    bytes = bytes.subspan(n);
    if (held_.size() < needed_) break;
    if (!(step_ == Step::Payload ? chunk(sink) : header(sink))) step_ = Step::Failed;
  }
  return step_ != Step::Failed;
}

/// Called with the first two bytes, and again when the rest of the header is there, whose length they tell.
bool FrameReader::header(FrameSink& sink) {
  ByteReader r(as_bytes(held_));
  const uint8_t first = r.u8(), second = r.u8();
  const uint8_t opcode = first & 0x0f, short_length = second & 0x7f;
  // Zeek knows no control frames within a fragmented message.
  if (in_message_ != (opcode == kContinuation)) return false;
  masked_ = (second & 0x80) != 0;
  needed_ = 2U + (short_length < 126 ? 0U : short_length == 126 ? 2U : 8U) + (masked_ ? 4U : 0U);
  if (held_.size() < needed_) return true;
  payload_left_ = short_length < 126 ? short_length : short_length == 126 ? r.u16() : r.u64();
  if (masked_) std::ranges::copy(r.bytes(4), mask_.begin());
  mask_at_ = 0;
  final_ = (first & 0x80) != 0;
  if (!in_message_) opcode_ = opcode;
  if (opcode_ >= kClose && opcode_ <= kPong && payload_left_ > kMaxControlBytes)
    sink.on_weird("websocket_control_frame_size_exceeded", std::to_string(payload_left_) + " > " + std::to_string(kMaxControlBytes));
  in_message_ = true;
  held_.clear();
  step_ = Step::Payload;
  needed_ = static_cast<size_t>(std::min<uint64_t>(payload_left_, kChunkBytes));
  if (needed_ == 0) frame_done(sink);
  return true;
}

/// False: half of the status that begins a Close frame's payload (RFC 6455 section 5.5.1).
bool FrameReader::chunk(FrameSink& sink) {
  if (opcode_ == kClose && held_.size() == 1) return false;
  if (masked_)
    for (char& c : held_) c = static_cast<char>(static_cast<uint8_t>(c) ^ mask_[mask_at_++ % mask_.size()]);
  payload_left_ -= held_.size();
  if (opcode_ == kText || opcode_ == kBinary) sink.on_payload(as_bytes(held_));
  held_.clear();
  needed_ = static_cast<size_t>(std::min<uint64_t>(payload_left_, kChunkBytes));
  if (needed_ == 0) frame_done(sink);
  return true;
}

void FrameReader::frame_done(FrameSink& sink) {
  step_ = Step::Header;
  needed_ = 2;
  if (!final_) return;
  in_message_ = false;
  sink.on_message();
}

}  // namespace sensor::websocket
