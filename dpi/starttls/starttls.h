// Protocols that begin in the clear and switch to TLS on request: reads no more of them than it takes to see the switch.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sensor/base/byte_reader.h"

namespace sensor::starttls {

/// What carries the TLS connection.
enum class Carrier : uint8_t {
  Imap,  // RFC 9051 section 6.2.1
  Xmpp,  // RFC 6120 section 5
};

/// Zeek's analyzer name of a carrier, in lower case.
std::string_view service_name(Carrier carrier);

enum class Match : uint8_t { No, Unsure, Yes };
struct Recognition {
  Match match = Match::No;
  Carrier carrier = Carrier::Imap;  // when match is Yes
};
/// By the first bytes of both directions. On `xmpp_port`, which XMPP is usually spoken on, the namespaces of the stream do not matter.
Recognition recognise(Bytes orig, Bytes resp, bool xmpp_port);

/// What a piece of stream brought about.
struct Outcome {
  enum class State : uint8_t {
    NeedMore,
    Upgraded,  // TLS begins after the consumed bytes, in both directions
    Done,      // no switch is to be expected any more
  };
  State state = State::NeedMore;
  size_t consumed = 0;                   // of the piece at hand, when Upgraded
  std::vector<std::string_view> weirds;  // Zeek's, each once; static storage
};

/// Watches one connection. Keeps at most kMaxLine bytes of each direction; looks at no more than kMaxBytes of one.
class Watcher {
 public:
  static constexpr size_t kMaxLine = 1024;
  static constexpr uint64_t kMaxBytes = 64 * 1024;

  explicit Watcher(Carrier carrier) : carrier_(carrier) {}

  Carrier carrier() const { return carrier_; }
  /// True once both the request and what came before make the protocol certain.
  bool confirmed() const { return confirmed_; }
  Outcome feed(bool from_client, Bytes bytes);

 private:
  struct Side {
    std::string line;  // IMAP: unfinished; XMPP: what stands before the next '>'
    uint64_t bytes = 0;
  };
  enum class Verdict : uint8_t { Nothing, Upgrade, Over };

  void feed_pieces(bool from_client, Bytes bytes, char end, Outcome& out);
  Verdict client_line(std::string_view line, Outcome& out);
  Verdict server_line(std::string_view line, Outcome& out);
  Verdict xmpp_tag(bool from_client, std::string_view text, Outcome& out);

  Carrier carrier_;
  std::array<Side, 2> sides_;
  bool confirmed_ = false;
  bool requested_ = false;
  std::string tag_;  // IMAP: of the request
};

}  // namespace sensor::starttls
