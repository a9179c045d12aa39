// PostgreSQL's frontend/backend protocol, version 3 (PostgreSQL documentation, chapter "Frontend/Backend Protocol").
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sensor/base/byte_reader.h"

namespace sensor::postgresql {

/// A field of an error or a notice: its code and its text.
struct Field {
  char code;
  std::string_view value;
};

/// What a reader finds, in the order of the wire. Views live during the call.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void on_ssl_request() = 0;
  /// 'S': TLS begins behind this byte; 'N': it does not.
  virtual void on_ssl_reply(char answer) = 0;
  virtual void on_startup_parameter(std::string_view name, std::string_view value) = 0;
  virtual void on_startup() = 0;
  virtual void on_query(std::string_view text) = 0;
  virtual void on_terminate() = 0;
  virtual void on_authentication_request(uint32_t kind) = 0;
  virtual void on_authenticated() = 0;
  virtual void on_error(const std::vector<Field>& fields) = 0;
  virtual void on_notice(const std::vector<Field>& fields) = 0;
  virtual void on_row() = 0;
  /// 'I' outside of a transaction, 'T' inside, 'E' in a failed one.
  virtual void on_ready(char status) = 0;
  virtual void on_violation(std::string_view reason) = 0;
};

/// Both directions of a connection. Keeps at most kMaxKept bytes of the message at hand, and of what the server says before the client.
class Reader {
 public:
  /// What is behind it is not looked at.
  static constexpr size_t kMaxKept = 16 * 1024;

  explicit Reader(Sink& sink) : sink_(sink) {}
  void feed(bool from_client, Bytes bytes);
  /// Of the piece at hand, what comes behind the server's agreement to TLS.
  Bytes rest() const { return rest_; }
  /// Nothing more is read: TLS, a violation, or a limit.
  bool stopped() const { return stopped_; }
  /// Whether a message of a side has begun and not ended; what waits for the other side is none yet.
  bool within(bool from_client) const;

 private:
  enum class Phase : uint8_t { First, AwaitsAnswer, Startup, Messages };
  struct Side {
    Phase phase = Phase::First;
    std::vector<uint8_t> held;  // from what is not read yet
    uint64_t to_skip = 0;       // bytes left of a message whose beginning is enough
  };

  void read(bool from_client);
  bool read_one(bool from_client, ByteReader& r);
  bool first_message(ByteReader& r);
  bool startup(ByteReader& r);
  bool startup_parameters(ByteReader r);
  bool ssl_answer(ByteReader& r);
  bool message(bool from_client, ByteReader& r);
  bool client_message(char type, ByteReader body);
  bool server_message(char type, ByteReader body, uint32_t length);
  bool violation(std::string_view reason);

  Sink& sink_;
  std::array<Side, 2> sides_;
  Bytes rest_;
  bool ssl_requested_ = false;
  bool stopped_ = false;
};

/// The names that Zeek has for them.
std::string authentication_name(uint32_t kind);
std::string field_name(char code);

enum class Match : uint8_t { No, Unsure, Yes };
/// Whether the first bytes of both sides are a request for TLS or a startup message, and an answer to it.
Match looks_like(Bytes client, Bytes server);

}  // namespace sensor::postgresql
