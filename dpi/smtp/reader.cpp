#include "dpi/smtp/reader.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "dpi/mime/text.h"

namespace sensor::smtp {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
uint32_t reply_code(std::string_view line) {
  if (line.size() < 3 || !std::ranges::all_of(line.substr(0, 3), is_digit)) return 0;
  return static_cast<uint32_t>((line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0'));
}

}  // namespace

/// Carries one direction's lines into the reader.
struct Reader::Lines final : mime::LineHandler {
  Lines(Reader& r, bool orig) : reader(r), from_orig(orig) {}
  void on_line(Bytes bytes) override { reader.piece(from_orig, bytes); }
  void on_plain(Bytes bytes) override { reader.piece(from_orig, bytes); }
  void on_line_weird(std::string_view name) override { reader.sink_.on_weird(name, {}, "CONTENTLINE"); }

  Reader& reader;
  bool from_orig;
};

void Reader::feed(bool from_orig, Bytes bytes) {
  if (!std::exchange(lines_ready_, true))
    for (mime::LineSplitter& s : splitters_) s.set_nul_sensitive();
  if (state_ == State::InTls) return;
  Lines lines(*this, from_orig);
  splitter(from_orig).feed(bytes, lines);
}

void Reader::eof(bool from_orig) {
  if (state_ == State::InTls) return;
  Lines lines(*this, from_orig);
  splitter(from_orig).finish(lines);
}

void Reader::finish() {
  if (mail_) end_mail();
}

void Reader::lost(uint64_t length) {
  if (state_ == State::InTls) return;
  if (state_ == State::InData || state_ == State::InChunks) {
    if (mail_) mail_->lost(length);
    end_mail();
  }
  pending_.clear();
  first_ = last_answered_ = std::nullopt;
  state_ = State::AfterGap;
}

/// A line, or bytes of a chunk.
void Reader::piece(bool from_orig, Bytes bytes) {
  if (state_ == State::InTls) return;
  const bool client = from_client(from_orig);
  if (client && chunks_ && !bytes.empty()) {
    chunk_bytes(from_orig, bytes);
    if (bytes.empty()) return;
  }
  std::string_view line = as_chars(bytes);
  while (line.ends_with('\r')) line.remove_suffix(1);  // some end their lines with more than one
  if (client) {
    client_line(from_orig, line);
  } else {
    server_line(from_orig, line);
  }
}

/// Takes the bytes that belong to the chunk at hand.
void Reader::chunk_bytes(bool from_orig, Bytes& bytes) {
  const auto n = static_cast<size_t>(std::min<uint64_t>(bytes.size(), chunks_->remaining()));
  if (n > 0) chunks_->feed(bytes.first(n));
  if (chunks_->complete()) sent(from_orig, Command::EndOfData);
  bytes = bytes.subspan(n);
}

void Reader::client_line(bool from_orig, std::string_view line) {
  switch (state_) {
    case State::AfterGap:
      return;  // it may be a command or mail: the next reply tells
    case State::InData:
      return data_line(from_orig, line);
    case State::InAuth:
      new_command(Command::AuthAnswer);
      return request(from_orig, Command::AuthAnswer, "**", line);
    default:
      return command_line(from_orig, line);
  }
}

void Reader::data_line(bool from_orig, std::string_view line) {
  if (line == ".") {
    new_command(Command::EndOfData);
    sent(from_orig, Command::EndOfData);
    sink_.on_request(".", ".");
    return;
  }
  if (line.starts_with('.')) line.remove_prefix(1);  // RFC 5321 section 4.5.2
  if (!mail_) begin_mail(from_orig, State::InData);
  mail_->line(as_bytes(line), true);
}

void Reader::command_line(bool from_orig, std::string_view line) {
  while (!line.empty() && is_space(line.front())) line.remove_prefix(1);
  const std::string_view word = line.substr(0, static_cast<size_t>(std::ranges::find_if(line, is_space) - line.begin()));
  const auto command = parse_command(word);
  if (!command) return;
  new_command(*command);
  request(from_orig, *command, mime::upper(word), mime::skip_blanks(line.substr(word.size())));
}

void Reader::request(bool from_orig, Command command, std::string_view word, std::string_view argument) {
  sink_.on_request(word, argument);
  if (command == Command::Bdat) {
    if (!begin_chunk(from_orig, argument)) return;
  } else if (chunks_) {
    weird("smtp_missing_bdat_last_chunk");
    end_mail();
  }
  sent(from_orig, command);
}

bool Reader::begin_chunk(bool from_orig, std::string_view argument) {
  const Chunk chunk = parse_chunk(argument);
  if (!chunk.error.empty()) {
    weird("smtp_invalid_bdat_command", chunk.error);
    return false;
  }
  if (chunk.size > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
    weird("smtp_huge_bdat_chunk", std::to_string(chunk.size));
    return false;
  }
  splitter(from_orig).set_plain(chunk.size);
  if (!chunks_) {
    begin_mail(from_orig, State::InChunks);
    chunks_ = std::make_unique<ChunkReader>(static_cast<ChunkSink&>(*this));
  }
  chunks_->next(chunk.size, chunk.last);
  return true;
}

void Reader::on_chunk_line(Bytes line, bool crlf) {
  if (mail_) mail_->line(line, crlf);
}

void Reader::server_line(bool from_orig, std::string_view line) {
  uint32_t code = reply_code(line);
  if (code < 100 || code > 599) {
    sink_.on_violation("reply code out of range");
    return;
  }
  if (code != pending_reply_) pending_reply_ = 0;
  if (pending_reply_ == 0) new_reply(from_orig, code);
  const bool continued = line.size() > 3 && line[3] == '-';
  pending_reply_ = continued ? code : 0;
  sink_.on_reply({code, last_answered_, mime::skip_blanks(line.substr(continued ? 4 : 3)), continued});
}

void Reader::new_command(Command command) {
  if (!first_) {
    first_ = command;
    return;
  }
  if (pending_.size() == kMaxPending) {
    weird("smtp_excessive_pending_cmds");
    pending_.clear();
  }
  pending_.push_back(command);
}

void Reader::new_reply(bool from_orig, uint32_t code) {
  if (state_ == State::AfterGap) {
    state_ = State::GapRecovery;
    sink_.on_request("(UNKNOWN)", {});
  }
  const std::optional<Command> command = std::exchange(first_, std::nullopt);
  last_answered_ = command;
  if (!pending_.empty()) {
    first_ = pending_.front();
    pending_.pop_front();
  }
  answered(from_orig, command, code);
}

/// Clients pipeline more than they may: the state changes with the command, as if it had succeeded already.
void Reader::sent(bool from_orig, Command command) {
  switch (command) {
    case Command::Ehlo:
    case Command::Helo:
    case Command::Rset:
      state_ = State::Ready;
      break;
    case Command::Mail:
    case Command::Send:
    case Command::Soml:
    case Command::Saml:
      state_ = State::MailOk;
      break;
    case Command::Rcpt:
      state_ = State::RecipientOk;
      break;
    case Command::Data:
      begin_mail(from_orig, State::InData);
      break;
    case Command::Bdat:
      state_ = State::InChunks;
      break;
    case Command::EndOfData:
      end_mail();
      state_ = State::AfterData;
      break;
    case Command::Quit:
      state_ = State::Quit;
      break;
    default:
      break;  // these wait for their reply, or change nothing
  }
}

void Reader::answered(bool from_orig, std::optional<Command> command, uint32_t code) {
  const auto is = [code](std::initializer_list<uint32_t> codes) { return std::ranges::find(codes, code) != codes.end(); };
  if (!command) {
    if (state_ == State::GapRecovery && code == 354) begin_mail(from_orig, State::InData);
    return;
  }
  switch (*command) {
    case Command::Connect:
      if (is({421, 554})) state_ = State::NotAvailable;
      break;
    case Command::Ehlo:
    case Command::Helo:
      if (is({421, 500, 501, 504, 550})) state_ = State::Initiated;
      break;
    case Command::Mail:
    case Command::Send:
    case Command::Soml:
    case Command::Saml:
      if (is({421, 451, 452, 500, 501, 503, 550, 552, 553}) && state_ != State::InData) state_ = State::Ready;
      break;
    case Command::Data:
      if (code == 354) break;
      if (state_ == State::InData) end_mail();
      state_ = code == 421 ? State::Quit : State::Ready;
      break;
    case Command::EndOfData:
      state_ = State::Ready;
      break;
    case Command::Auth:
    case Command::AuthAnswer:
      state_ = code == 334 ? State::InAuth : State::Initiated;
      break;
    case Command::Turn:
      if (code == 250) orig_is_client_ = !orig_is_client_;
      break;
    case Command::StartTls:
    case Command::XAnonymousTls:
      if (code == 220) start_tls();
      break;
    default:
      if (state_ == State::GapRecovery && code == 354) begin_mail(from_orig, State::InData);
      break;
  }
}

void Reader::start_tls() {
  state_ = State::InTls;
  const size_t rest = std::max(splitters_[0].remaining(), splitters_[1].remaining());
  for (mime::LineSplitter& s : splitters_) s.stop();
  sink_.on_starttls(rest);
}

void Reader::begin_mail(bool from_orig, State state) {
  state_ = state;
  if (mail_) {
    weird("smtp_nested_mail_transaction");
    mail_->done();
  }
  mail_ = std::make_unique<Mail>(sink_, from_orig);
}

void Reader::end_mail() {
  if (chunks_) {
    if (chunks_->remaining() > 0) {
      weird("smtp_bdat_remaining_at_end_data");
      for (mime::LineSplitter& s : splitters_) s.set_plain(0);
    }
    chunks_->finish();
    chunks_.reset();
  }
  if (!mail_) return weird("smtp_unmatched_end_of_data");
  const auto mail = std::move(mail_);
  mail->done();
}

}  // namespace sensor::smtp
