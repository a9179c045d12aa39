// The record layer and the handshake fragments of DTLS (RFC 6347 section 4, RFC 9147).
#pragma once

#include <cstdint>
#include <vector>

#include "dpi/tls/record.h"
#include "sensor/base/byte_reader.h"

namespace sensor::tls {

struct DtlsRecord {
  uint8_t content_type = 0;
  uint16_t version = 0;
  uint16_t epoch = 0;     // 0: not encrypted
  uint64_t sequence = 0;  // 48 bits
  Bytes fragment;
};

/// True when a record may carry this version; DTLS 1.3 says 1.2 there.
bool is_dtls_record_version(uint16_t v);
/// Reads one record's header after its first byte, the content type; the fragment is read only for a version that is known. False:
/// malformed.
bool parse_dtls_record(ByteReader& r, DtlsRecord& out);

/// One record's piece of a handshake message.
struct DtlsFragment {
  uint8_t type = 0;
  uint32_t message_length = 0;
  uint16_t message_sequence = 0;
  uint32_t offset = 0, length = 0;
  Bytes data;  // the rest of the record, which may not be `length` long

  bool is_whole() const { return offset == 0 && length == message_length; }
};
bool parse_dtls_fragment(Bytes record, DtlsFragment& out);

/// Puts one message of one direction together. Follows Zeek in going by the records' sequence numbers: the pieces of a message must come in
/// at most 31 consecutive records.
class DtlsReassembly {
 public:
  enum class Verdict : uint8_t { Complete, NeedMore, Malformed };
  static constexpr uint32_t kMaxMessageBytes = 100'000;

  /// Complete: message() is the body of the whole message.
  Verdict add(const DtlsFragment& f, uint64_t record_sequence);
  Bytes message() const { return buffer_; }

 private:
  void restart(const DtlsFragment& f, uint64_t record_sequence);
  /// The bit of a record in seen_; false when it lies outside the window.
  bool place(const DtlsFragment& f, uint64_t record_sequence, uint32_t& bit);

  std::vector<uint8_t> buffer_;
  uint64_t first_ = 0, last_ = 0;  // record sequence numbers
  uint32_t seen_ = 0;              // records seen, bit 0 is first_
  uint16_t message_sequence_ = 0;
  bool first_seen_ = false;
  bool started_ = false;
};

/// True when a datagram is a STUN message, which may share the ports (RFC 7983).
bool is_stun(Bytes datagram);
/// Does a datagram begin with a ClientHello of DTLS?
Match match_dtls_client(Bytes datagram);

}  // namespace sensor::tls
