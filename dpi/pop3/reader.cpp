#include "dpi/pop3/reader.h"

#include "dpi/mime/transfer_decoder.h"

namespace sensor::pop3 {

struct Reader::Lines final : mime::LineHandler {
  Lines(Reader& r, bool client) : reader(r), from_client(client) {}
  void on_line(Bytes line) override {
    if (from_client) {
      reader.client_line(as_chars(line));
    } else {
      reader.server_line(line);
    }
  }
  void on_plain(Bytes) override {}
  void on_line_weird(std::string_view name) override { reader.sink_.on_weird(name, {}, "CONTENTLINE"); }
  Reader& reader;
  bool from_client;
};

Reader::Reader(Sink& sink) : sink_(sink) {
  splitters_[0].set_max_held(kMaxHeld);
}

void Reader::feed(bool from_client, Bytes bytes) {
  Lines lines(*this, from_client);
  splitters_[from_client ? 0 : 1].feed(bytes, lines);
}

void Reader::eof(bool from_client) {
  Lines lines(*this, from_client);
  splitters_[from_client ? 0 : 1].finish(lines);
}

void Reader::finish() {
  end_mail();
}

void Reader::client_line(std::string_view text) {
  if (text.empty()) return;
  if (in_auth_) return auth_line(text.substr(0, text.find('\0')));
  const Line line = parse_line(text);
  // Zeek looks for the names of the mechanisms in capitals, in this order.
  const auto names = [&](std::string_view mechanism) { return line.argument.find(mechanism) != std::string_view::npos; };
  pending_.push_back({line.word, {}, !line.argument.empty(), !names("LOGIN") && names("PLAIN")});
  if (!line.word) pending_.back().unknown = line.first.empty() ? "???" : line.first.substr(0, kMaxWord);
  if (pending_.size() > kMaxPending) {
    weird("pop3_client_too_many_pending_commands");
    pending_.pop_front();
  }
  if (pending_.size() == 1) begin(pending_.front());
}

/// RFC 5034 section 4. PLAIN's message is an identity, a name and a password behind NULs (RFC 4616 section 2).
void Reader::auth_line(std::string_view line) {
  mime::Base64Decoder decoder;
  std::string message;
  decoder.feed(line, message);
  const bool bad = decoder.odd();
  decoder.finish(message);
  if (decoder.odd()) sink_.on_weird("base64_illegal_encoding", decoder.oddity(), {});
  if (bad) return weird("pop3_bad_base64_encoding");
  if (state_ != State::AuthPlain) return;
  const size_t name = message.find('\0');
  const size_t password = name == std::string::npos ? name : message.find('\0', name + 1);
  if (password == std::string::npos || password + 1 == message.size()) weird("pop3_malformed_auth_plain");
}

/// A command's turn.
void Reader::begin(const Command& command) {
  if (!command.word) return unknown_command(command);
  const bool authorizing = phase_ == Phase::Authorization;
  switch (*command.word) {
    case Word::Ok:
    case Word::Err:
      return weird("pop3_client_sending_server_commands");
    case Word::User:
      if (authorizing) state_ = State::User;
      return;
    case Word::Pass:
      if (authorizing && state_ == State::User) state_ = State::Pass;
      return;
    case Word::Apop:
      if (authorizing) state_ = State::Pass;
      return;
    case Word::Auth:
      if (authorizing) begin_auth(command);
      return;
    case Word::Stat:
      if (phase_ == Phase::Transaction) state_ = State::Simple;
      return;
    case Word::List:
    case Word::Uidl:
      many_wanted_ |= !command.has_argument;
      return in_transaction(State::Listing);
    case Word::Retr:
    case Word::Top:
      many_wanted_ = true;
      return in_transaction(State::Mail);
    case Word::Dele:
    case Word::Rset:
    case Word::Noop:
    case Word::Last:
    case Word::Xsender:
      return in_transaction(State::Simple);
    case Word::Quit:
      if (phase_ == Phase::Update || phase_ == Phase::Finished) return in_transaction(State::Simple);
      state_ = State::Quit;
      return;
    case Word::Capa:
      many_wanted_ = true;
      state_ = State::Capa;
      return;
    case Word::Stls:
      state_ = State::Stls;
      return;
  }
}

/// Without a mechanism the server lists those it knows.
void Reader::begin_auth(const Command& command) {
  state_ = command.plain ? State::AuthPlain : State::Auth;
  if (command.has_argument) {
    in_auth_ = true;
  } else {
    many_wanted_ = true;
  }
}

void Reader::in_transaction(State state) {
  if (phase_ == Phase::Transaction) {
    state_ = state;
  } else {
    guess_ = state;
  }
}

void Reader::unknown_command(const Command& command) {
  if (in_auth_) return;
  weird("pop3_client_command_unknown", command.unknown);
  if (++unknown_commands_ > kMaxUnknown) sink_.on_violation("too many unknown client commands");
}

void Reader::server_line(Bytes bytes) {
  if (many_) return line_of_many(bytes);
  const Line line = parse_line(as_chars(bytes));
  if (!line.word) {
    // Within an AUTH exchange the server sends challenges, each behind a sign.
    if (in_auth_) return;
    const std::string first(line.first.empty() ? "???" : line.first.substr(0, kMaxWord));
    sink_.on_violation("unknown server command (" + first + ")");
    return weird("pop3_server_command_unknown", first);
  }
  if (*line.word == Word::Ok) return ok();
  if (*line.word == Word::Err) return err();
  weird("pop3_server_sending_client_commands");
}

/// RFC 1939 section 3: a line with a dot alone ends the reply, other lines that begin with one have one more.
void Reader::line_of_many(Bytes line) {
  const bool dot = !line.empty() && line[0] == '.';
  if (!dot || line.size() > 1) {
    if (mail_) mail_->line(line.subspan(dot ? 1 : 0));
    return;
  }
  many_ = many_wanted_ = false;
  end_mail();
  reply_done();
}

void Reader::ok() {
  if (guess_) {
    phase_ = Phase::Transaction;
    state_ = *guess_;
    guess_.reset();
  }
  switch (state_) {
    case State::Start:
      phase_ = Phase::Authorization;
      break;
    case State::User:
      phase_ = Phase::Authorization;
      sink_.on_confirmed();
      break;
    case State::Pass:
    case State::Simple:
      phase_ = Phase::Transaction;
      break;
    case State::Auth:
    case State::AuthPlain:
      many_ = many_wanted_;
      if (in_auth_) phase_ = Phase::Transaction;
      in_auth_ = false;
      break;
    case State::Mail:
      if (!mail_) mail_ = std::make_unique<Mail>(sink_);
      many_ = many_wanted_;
      break;
    case State::Capa:
      sink_.on_confirmed();
      many_ = many_wanted_;
      break;
    case State::Listing:
      many_ = many_wanted_;
      break;
    case State::Stls:
      sink_.on_confirmed();
      return start_tls();
    case State::Quit:
      if (phase_ == Phase::Transaction) {
        phase_ = Phase::Update;
      } else if (phase_ != Phase::Update) {
        phase_ = Phase::Finished;
      }
      break;
  }
  if (!many_) reply_done();
}

void Reader::err() {
  many_ = many_wanted_ = false;
  guess_.reset();
  in_auth_ = false;
  switch (state_) {
    case State::User:
    case State::Pass:
    case State::Auth:
    case State::AuthPlain:
      phase_ = Phase::Authorization;
      state_ = State::Start;
      break;
    case State::Simple:
    case State::Listing:
    case State::Mail:
      phase_ = Phase::Transaction;
      break;
    case State::Quit:
      if (phase_ != Phase::Update) phase_ = Phase::Finished;
      break;
    case State::Start:
    case State::Capa:
    case State::Stls:
      break;
  }
  reply_done();
}

void Reader::reply_done() {
  if (pending_.empty()) return;
  pending_.pop_front();
  if (!pending_.empty()) begin(pending_.front());
}

void Reader::start_tls() {
  const size_t rest = splitters_[1].remaining();
  for (mime::LineSplitter& s : splitters_) s.stop();
  sink_.on_starttls(rest);
}

void Reader::end_mail() {
  if (!mail_) return;
  mail_->done();
  mail_.reset();
}

}  // namespace sensor::pop3
