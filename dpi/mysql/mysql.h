// MySQL's client/server protocol, which MariaDB speaks as well (MySQL Source Code Documentation, "Client/Server Protocol").
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sensor/base/byte_reader.h"

namespace sensor::mysql {

/// Commands that are dealt with in a special way.
enum Command : uint8_t {
  kQuit = 1,
  kQuery = 3,
  kFieldList = 4,
  kStatistics = 9,
  kProcessInfo = 10,
  kChangeUser = 17,
  kStatementPrepare = 22,
  kResetConnection = 31,
};

/// What a reader finds, in the order of the wire. Views live during the call.
class Sink {
 public:
  virtual ~Sink() = default;
  /// The server speaks first. `version`: such as "8.0.36" or "5.5.5-10.11.6-MariaDB".
  virtual void on_greeting(std::string_view /*version*/) {}
  /// The client answers the greeting of the server; TLS begins behind that.
  virtual void on_ssl_request() = 0;
  /// The client answers the greeting of the server.
  virtual void on_login(std::string_view user) = 0;
  /// `argument`: at most Reader::kMaxKept of it, without the attributes of a query.
  virtual void on_command(uint8_t command, std::string_view argument) = 0;
  /// Follows on_command() for kChangeUser.
  virtual void on_change_user(std::string_view user) = 0;
  virtual void on_ok(uint32_t affected_rows) = 0;
  virtual void on_error(std::string_view message) = 0;
  /// All rows of a result, or all columns of a list, were sent.
  virtual void on_end_of_result() = 0;
  virtual void on_violation(std::string_view reason) = 0;
};

/// Both directions of a connection. Keeps at most kMaxKept bytes of one packet of each; what is behind them is passed over. After a
/// malformed packet the next piece of stream is taken for the beginning of one.
class Reader {
 public:
  static constexpr size_t kMaxKept = 16 * 1024;

  explicit Reader(Sink& sink) : sink_(sink) {}
  void feed(bool from_client, Bytes piece);
  /// Nothing more is read: TLS, or compressed packets.
  bool stopped() const { return stopped_; }
  /// Of the piece at hand, what comes behind the request for TLS.
  Bytes rest() const { return rest_; }

 private:
  struct Side {
    std::vector<uint8_t> held;  // of an unfinished packet
    uint32_t to_skip = 0;       // bytes left of a packet whose beginning was enough
  };
  struct Packet {
    uint8_t sequence = 0;
    uint32_t length = 0;  // of all its content
    ByteReader content;   // at most kMaxKept of it
  };
  /// What the server's next packet is, once the client has logged in.
  enum class Expect : uint8_t { Nothing, Status, ColumnCount, Column, ColumnOrEnd, EndOfColumns, Row };

  Bytes read(bool from_client, Bytes stream);
  bool read_one(bool from_client, ByteReader& r);
  bool client_packet(Packet& p);
  bool server_packet(Packet& p);
  bool greeting(ByteReader& r);
  bool login(ByteReader& r);
  bool login_v9(ByteReader& r);
  bool command(Packet& p);
  bool change_user(ByteReader r);
  bool login_reply(ByteReader& r);
  bool reply(Packet& p);
  bool column_count(ByteReader& r);
  bool status(ByteReader& r);
  bool end_of_result(Packet& p);
  bool ok(ByteReader& r);
  bool error(ByteReader& r);
  bool warnings_and_status(ByteReader& r);

  Sink& sink_;
  std::array<Side, 2> sides_;
  Bytes rest_;
  uint8_t version_ = 0;  // of the server's greeting; 0: not seen
  uint8_t last_sequence_ = 0;
  uint32_t server_capabilities_ = 0, client_capabilities_ = 0;
  uint32_t columns_left_ = 0;
  Expect expect_ = Expect::Status;
  bool logged_in_ = false;
  bool login_sent_ = false;    // what else the client says before it is logged in is of its way to prove who it is
  bool sending_file_ = false;  // the client, to be loaded into a table
  bool stopped_ = false;
};

/// Zeek's names: "query", "unknown-99".
std::string command_name(uint8_t command);

enum class Match : uint8_t { No, Unsure, Yes };
/// Whether the server begins with a greeting.
Match looks_like(Bytes client, Bytes server);

}  // namespace sensor::mysql
