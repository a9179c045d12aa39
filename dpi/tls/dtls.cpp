#include "dpi/tls/dtls.h"

#include <algorithm>

#include "dpi/tls/handshake.h"

namespace sensor::tls {

bool is_dtls_record_version(uint16_t v) {
  return v == version::kDtls10 || v == version::kDtls12;
}

bool parse_dtls_record(ByteReader& r, DtlsRecord& out) {
  out.version = r.u16();
  out.epoch = r.u16();
  out.sequence = r.u48();
  const uint16_t length = r.u16();
  if (is_dtls_record_version(out.version)) out.fragment = r.bytes(length);
  return r.ok();
}

bool parse_dtls_fragment(Bytes record, DtlsFragment& out) {
  ByteReader r(record);
  out.type = r.u8();
  out.message_length = r.u24();
  out.message_sequence = r.u16();
  out.offset = r.u24();
  out.length = r.u24();
  out.data = r.rest();
  return r.ok();
}

void DtlsReassembly::restart(const DtlsFragment& f, uint64_t record_sequence) {
  buffer_.assign(f.message_length, 0);
  first_ = record_sequence;
  last_ = 0;
  seen_ = 0;
  message_sequence_ = f.message_sequence;
  first_seen_ = false;
  started_ = true;
}

bool DtlsReassembly::place(const DtlsFragment& f, uint64_t record_sequence, uint32_t& bit) {
  constexpr uint64_t kWindow = 32;
  const uint64_t distance = record_sequence < first_ ? first_ - record_sequence : record_sequence - first_;
  if (distance >= kWindow) return false;
  if (record_sequence < first_) {
    // The record taken for the first was not; a second first one is a contradiction.
    if (first_seen_) return false;
    seen_ <<= distance;
    first_ = record_sequence;
  }
  if (f.offset == 0) first_seen_ = true;
  bit = uint32_t{1} << (record_sequence - first_);
  return true;
}

DtlsReassembly::Verdict DtlsReassembly::add(const DtlsFragment& f, uint64_t record_sequence) {
  if (f.message_length > kMaxMessageBytes) return Verdict::Malformed;
  if (!started_ || message_sequence_ != f.message_sequence || buffer_.size() != f.message_length) restart(f, record_sequence);
  uint32_t bit = 0;
  if (!place(f, record_sequence, bit)) return Verdict::Malformed;
  if ((seen_ & bit) != 0) return Verdict::NeedMore;
  if (f.data.size() != f.length || uint64_t{f.offset} + f.length > f.message_length) return Verdict::Malformed;
  seen_ |= bit;
  std::ranges::copy(f.data, buffer_.begin() + f.offset);
  if (f.offset + f.length == f.message_length) last_ = record_sequence;
  if (last_ == 0 || !first_seen_) return Verdict::NeedMore;

  constexpr uint64_t kMaxDistance = 30;
  if (last_ - first_ > kMaxDistance) return Verdict::Malformed;
  const uint32_t all = (uint32_t{1} << (last_ - first_ + 1)) - 1;
  return (~seen_ & all) == 0 ? Verdict::Complete : Verdict::NeedMore;
}

bool is_stun(Bytes datagram) {
  ByteReader r(datagram);
  r.skip(4);
  return datagram.size() > 20 && r.u32() == 0x2112a442;  // magic cookie (RFC 8489 section 5)
}

Match match_dtls_client(Bytes datagram) {
  ByteReader r(datagram);
  const uint8_t type = r.u8();
  const uint16_t version = r.u16();
  const uint16_t epoch = r.u16();
  const uint64_t sequence = r.u48();
  r.skip(2);  // length
  const uint8_t message = r.u8();
  r.skip(11);
  const uint16_t client_version = r.u16();
  // A first hello is in one of the first 256 records of epoch 0.
  const bool fits = r.ok() && type == content::kHandshake && is_dtls_record_version(version) && epoch == 0 && sequence <= 0xff &&
                    message == handshake::kClientHello && is_dtls_record_version(client_version);
  return fits ? Match::Yes : Match::No;
}

}  // namespace sensor::tls
