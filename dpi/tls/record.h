// The record layer of SSLv2, SSLv3 and TLS (RFC 5246 section 6, RFC 8446 section 5; SSLv2: draft-hickman-netscape-ssl-00).
#pragma once

#include <cstdint>

#include "sensor/base/byte_reader.h"

namespace sensor::tls {

/// Content types; those of SSLv2 are its message types plus 300.
namespace content {
inline constexpr uint16_t kChangeCipherSpec = 20, kAlert = 21, kHandshake = 22, kApplicationData = 23, kHeartbeat = 24, kV2Error = 300,
                          kV2ClientHello = 301, kV2ClientMasterKey = 302, kV2ServerHello = 304;
}

/// Bytes of a record's header. An SSLv2 record's own header is 2 bytes; with the message type and the 2 bytes that follow it in every
/// message it is as long.
inline constexpr size_t kRecordHeaderBytes = 5;

struct RecordHeader {
  bool ssl2 = false;
  uint16_t content_type = 0;
  uint16_t version = 0;    // as the header says; 0 for SSLv2
  uint16_t length = 0;     // bytes after the header
  uint16_t ssl2_head = 0;  // SSLv2: the two bytes after the message type
};

/// Tells where one record ends and the next begins, and notices when that can no longer be told. One for both directions of a connection:
/// the version of the first record holds for all that follow.
class RecordLayer {
 public:
  enum class Verdict : uint8_t { Ok, NotTls, BadVersion };

  /// Reads the first kRecordHeaderBytes of a record. Anything but Ok: the stream cannot be read any further.
  Verdict read_header(Bytes bytes, bool from_orig, RecordHeader& out);

 private:
  uint16_t version_ = 0;  // 0: not yet known
};

/// The messages of SSLv2; `head` is RecordHeader::ssl2_head. The reader moves behind the message; false: malformed.
struct V2ClientHello {
  uint16_t version = 0;
  Bytes session_id;
};
bool parse_v2_client_hello(ByteReader& r, uint16_t head, V2ClientHello& out);

struct V2ServerHello {
  uint16_t version = 0;
  uint32_t first_cipher = 0;  // 24 bits; 0: none offered
  Bytes certificate;          // may be empty
};
bool parse_v2_server_hello(ByteReader& r, V2ServerHello& out);
bool parse_v2_client_master_key(ByteReader& r);

/// Do these first bytes of a direction look like TLS?
enum class Match : uint8_t { No, Partly, Yes };
/// A ClientHello of SSLv3 or TLS, from the side that connected.
Match match_client(Bytes first);
/// A ServerHello of SSLv3 or TLS, perhaps after a warning alert, from the side that listened.
Match match_server(Bytes first);

}  // namespace sensor::tls
