// Reads both directions of an SMTP connection and tells a Sink what it finds.
#pragma once

#include <array>
#include <deque>
#include <memory>
#include <optional>

#include "dpi/mime/line_splitter.h"
#include "dpi/smtp/chunks.h"
#include "dpi/smtp/mail.h"
#include "dpi/smtp/smtp.h"

namespace sensor::smtp {

/// One connection. It does not judge whether commands come in order, but follows them far enough to know what is mail and what is not,
/// which it decides as Zeek does. Limits: a line mime::LineSplitter::kMaxLine, kMaxPending commands without a reply, and those of mime.
class Reader final : private ChunkSink {
 public:
  static constexpr size_t kMaxPending = 1000;

  explicit Reader(Sink& sink) : sink_(sink) {}
  ~Reader() override = default;

  void feed(bool from_orig, Bytes bytes);
  /// `length` bytes of this direction will never come.
  void lost(uint64_t length);
  /// This direction ended: an unfinished line counts as one.
  void eof(bool from_orig);
  /// Both directions ended, or the connection is over.
  void finish();

 private:
  struct Lines;
  enum class State : uint8_t {
    Initiated,
    NotAvailable,
    Ready,
    MailOk,
    RecipientOk,
    InData,
    AfterData,
    InAuth,
    InTls,
    Quit,
    AfterGap,
    GapRecovery,
    InChunks
  };

  bool from_client(bool from_orig) const { return from_orig == orig_is_client_; }
  mime::LineSplitter& splitter(bool from_orig) { return splitters_[from_orig ? 0 : 1]; }
  void piece(bool from_orig, Bytes bytes);
  void chunk_bytes(bool from_orig, Bytes& bytes);
  void client_line(bool from_orig, std::string_view line);
  void data_line(bool from_orig, std::string_view line);
  void command_line(bool from_orig, std::string_view line);
  void request(bool from_orig, Command command, std::string_view word, std::string_view argument);
  bool begin_chunk(bool from_orig, std::string_view argument);
  void server_line(bool from_orig, std::string_view line);
  void new_command(Command command);
  void new_reply(bool from_orig, uint32_t code);
  void sent(bool from_orig, Command command);
  void answered(bool from_orig, std::optional<Command> command, uint32_t code);
  void start_tls();
  void begin_mail(bool from_orig, State state);
  void end_mail();
  void on_chunk_line(Bytes line, bool crlf) override;
  void on_chunk_weird(std::string_view name, std::string_view addl) override { sink_.on_weird(name, addl, "SMTP_BDAT"); }
  void weird(std::string_view name, std::string_view addl = {}) { sink_.on_weird(name, addl, "SMTP"); }

  Sink& sink_;
  std::array<mime::LineSplitter, 2> splitters_;
  bool lines_ready_ = false;
  State state_ = State::Initiated;
  bool orig_is_client_ = true;                       // until TURN
  std::optional<Command> first_ = Command::Connect;  // command that the next reply answers
  std::optional<Command> last_answered_;
  std::deque<Command> pending_;  // commands behind the first
  uint32_t pending_reply_ = 0;   // code of a reply that is continued
  std::unique_ptr<ChunkReader> chunks_;
  std::unique_ptr<Mail> mail_;
};

}  // namespace sensor::smtp
