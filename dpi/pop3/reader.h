// Reads both directions of a POP3 connection and tells a Sink what it finds.
#pragma once

#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "dpi/mime/line_splitter.h"
#include "dpi/pop3/mail.h"
#include "dpi/pop3/pop3.h"

namespace sensor::pop3 {

/// One connection. Follows commands and replies as Zeek does: a command counts when the replies to those before it have come. Limits:
/// lines of mime::LineSplitter::kMaxLine, of which kMaxHeld bytes are kept of the client's; kMaxPending commands without a reply, beyond
/// which the oldest is forgotten; and those of mime.
class Reader final {
 public:
  static constexpr size_t kMaxHeld = 16 * 1024;
  /// Zeek's.
  static constexpr size_t kMaxPending = 10;
  /// Unknown commands that a client may send before each further one is a violation; Zeek's.
  static constexpr size_t kMaxUnknown = 10;
  /// Longer words are cut off in weirds.
  static constexpr size_t kMaxWord = 256;

  explicit Reader(Sink& sink);

  void feed(bool from_client, Bytes bytes);
  /// This direction ended: an unfinished line counts as one.
  void eof(bool from_client);
  /// The connection is over.
  void finish();

 private:
  struct Lines;
  /// Of a session, RFC 1939 section 3.
  enum class Phase : uint8_t { Start, Authorization, Transaction, Update, Finished };
  /// What the next reply answers.
  enum class State : uint8_t { Start, User, Pass, Auth, AuthPlain, Simple, Listing, Mail, Quit, Capa, Stls };
  struct Command {
    std::optional<Word> word;
    std::string unknown;  // the word that is none
    bool has_argument = false;
    bool plain = false;  // AUTH: the mechanism
  };

  void client_line(std::string_view line);
  void auth_line(std::string_view line);
  void begin(const Command& command);
  void begin_auth(const Command& command);
  void unknown_command(const Command& command);
  void in_transaction(State state);
  void server_line(Bytes line);
  void line_of_many(Bytes line);
  void ok();
  void err();
  void reply_done();
  void start_tls();
  void end_mail();
  void weird(std::string_view name, std::string_view addl = {}) { sink_.on_weird(name, addl, "POP3"); }

  Sink& sink_;
  std::array<mime::LineSplitter, 2> splitters_;
  Phase phase_ = Phase::Start;
  State state_ = State::Start;
  std::optional<State> guess_;  // of a command that came too early: its success shows that no login is needed
  bool many_wanted_ = false;    // the reply, if it is good, goes on until a line with a dot
  bool many_ = false;
  bool in_auth_ = false;  // what the client sends belongs to an AUTH exchange
  size_t unknown_commands_ = 0;
  std::deque<Command> pending_;  // the first one is at work
  std::unique_ptr<Mail> mail_;
};

}  // namespace sensor::pop3
