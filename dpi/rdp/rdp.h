// RDP (MS-RDPBCGR): the connection sequence as far as it is not encrypted: X.224 (RFC 905, in TPKT, RFC 1006) and MCS (T.125) with the
// data blocks of both sides.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "sensor/base/byte_reader.h"

namespace sensor::rdp {

/// Bytes of the header that tells a packet's length (RFC 1006 section 6).
inline constexpr size_t kHeaderBytes = 4;
/// The length of the packet that begins with these bytes, header included. Less than kHeaderBytes: no packet.
size_t packet_length(Bytes header);

/// The client's core data (MS-RDPBCGR section 2.2.1.3.2). Texts are UTF-16.
struct ClientCore {
  uint16_t desktop_width = 0, desktop_height = 0;
  uint32_t keyboard_layout = 0, client_build = 0;
  Bytes client_name;
  uint16_t high_color_depth = 0;
  bool wants_32_bits = false;
  Bytes product_id;
};

/// What a packet says, in the order of the wire. Views live during the call.
class Sink {
 public:
  virtual ~Sink() = default;
  /// `cookie`: who logs in, if the client tells.
  virtual void on_connect_request(std::string_view cookie) = 0;
  /// The server's choice: 0 is RDP's own security, all others begin TLS behind this packet.
  virtual void on_security_protocol(uint32_t protocol) = 0;
  virtual void on_negotiation_failure(uint32_t code) = 0;
  virtual void on_client_core(const ClientCore& core) = 0;
  /// Eight bytes each, filled up with NULs.
  virtual void on_client_channels(const std::vector<std::string_view>& names) = 0;
  virtual void on_create_response(uint8_t result) = 0;
  /// Encryption begins behind this packet unless one of the two is 0.
  virtual void on_server_security(uint32_t method, uint32_t level) = 0;
  virtual void on_certificate(Bytes der) = 0;
  /// `type`: 1 is Microsoft's own form, 2 is X.509.
  virtual void on_server_certificate(uint32_t type, bool permanent) = 0;
};

/// Reads one whole packet. False: malformed.
bool parse_packet(Bytes packet, Sink& sink);

enum class Match : uint8_t { No, Unsure, Yes };
/// Whether the first bytes of a client and of a server are RDP: the client names a user or the channels that it wants.
Match looks_like(Bytes client, Bytes server);

}  // namespace sensor::rdp
