// Streams of LDAP: messages one after the other, in the clear or within what SASL puts around them (RFC 4511 section 5.1, RFC 4422).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "dpi/ldap/ldap.h"

namespace sensor::ldap {

/// Is told of every message.
class Sink {
 public:
  virtual void on_message(const Message& message) = 0;

 protected:
  ~Sink() = default;
};

/// Both directions of a connection. Keeps one unfinished message of each, at most kMaxMessage; of longer ones only entries that a search
/// found are counted.
class Reader {
 public:
  static constexpr size_t kMaxMessage = 64 * 1024;
  enum class Outcome : uint8_t {
    Read,
    Malformed,
    Tls,  // what follows is TLS; rest() begins with it
  };

  /// The next bytes of a direction.
  Outcome add(bool from_client, Bytes piece, Sink& sink);
  /// Of the last piece, what was not read.
  Bytes rest() const { return rest_; }
  /// Bytes of a direction that will never come. False: they would have been read.
  bool pass_over(bool from_client, uint64_t bytes);
  /// Whether the direction ends with the last piece; a datagram must.
  bool is_complete(bool from_client) const;

 private:
  /// What is known of the bytes that follow.
  enum class Mode : uint8_t {
    Clear,
    Perhaps,    // SASL has succeeded; whether its mechanism encrypts shows with the next byte
    Encrypted,  // behind a length
    Kerberos,   // wrap tokens behind a length (RFC 4121 section 4.2.6.2), which need not be encrypted
    Tls,
  };
  struct Side {
    std::vector<uint8_t> held;
    uint64_t skip = 0;  // bytes that are passed over
  };
  enum class Step : uint8_t { Done, NeedMore, Bad };

  Step step(Side& side, Sink& sink);
  Step look_ahead();
  Step read_clear(Side& side, Sink& sink);
  Step read_token(Side& side, Sink& sink);
  bool read_one(Bytes bytes, Sink& sink);
  void follow(const Message& message);

  std::array<Side, 2> sides_;
  Mode mode_ = Mode::Clear;
  std::string mechanism_;  // that the client asked for
  bool wants_tls_ = false;
  Bytes rest_;
};

/// Whether these are the first bytes of a client that binds, and those of its server.
enum class Match : uint8_t { No, Unsure, Yes };
Match begins_with_bind(Bytes client, Bytes server);

}  // namespace sensor::ldap
