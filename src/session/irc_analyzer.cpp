#include "src/session/irc_analyzer.h"

#include <algorithm>
#include <utility>

namespace sensor {
namespace {

constexpr size_t kLongestCommand = 20;
constexpr unsigned kMaxLongCommands = 20;

}  // namespace

struct IrcAnalyzer::Lines final : mime::LineHandler {
  Lines(IrcAnalyzer& analyzer, AnalyzerContext& context, Direction direction) : a(analyzer), c(context), d(direction) {}
  void on_line(Bytes text) override { a.line(c, d, text); }
  void on_plain(Bytes) override {}
  void on_line_weird(std::string_view name) override { c.weird(name, {}, "CONTENTLINE"); }
  IrcAnalyzer& a;
  AnalyzerContext& c;
  Direction d;
};

IrcAnalyzer::IrcAnalyzer() {
  for (mime::LineSplitter& s : lines_) s.set_max_line(kMaxHeldLine);
}

void IrcAnalyzer::on_data(AnalyzerContext& c, Direction d, Bytes bytes) {
  Lines handler(*this, c, d);
  lines_[index(d)].feed(bytes, handler);
  if (std::exchange(tls_follows_, false)) c.start(ProtocolId::Tls, d, bytes.last(behind_));
}

void IrcAnalyzer::on_eof(AnalyzerContext& c, Direction d) {
  Lines handler(*this, c, d);
  lines_[index(d)].finish(handler);
}

void IrcAnalyzer::line(AnalyzerContext& c, Direction d, Bytes text) {
  constexpr unsigned kStartTls = 670;
  const irc::Line l = irc::parse_line(as_chars(text));
  if (l.kind != irc::LineKind::Command && l.kind != irc::LineKind::Reply) return malformed(c, l.kind);
  if (d == Direction::Orig && irc::is_client_command(l.command)) {
    confirmed_ = true;
    c.confirm("irc");
  }
  if (l.command == "STARTTLS") return;
  follow_servers(d, l);
  if (l.kind == irc::LineKind::Command) {
    command(c, d, l);
  } else if (l.code == kStartTls) {
    tls_follows_ = true;
    behind_ = lines_[index(d)].remaining();
  }
  // Behind these two nothing is IRC in the clear.
  const bool compressed = std::ranges::all_of(servers_, [](const Server& s) { return s.wants_zip && s.introduced; });
  if (!tls_follows_ && !compressed) return;
  for (mime::LineSplitter& s : lines_) s.stop();
  c.done();
}

void IrcAnalyzer::malformed(AnalyzerContext& c, irc::LineKind kind) {
  const auto weird = [&](std::string_view name) {
    if (confirmed_) c.weird(name, {}, "IRC");
  };
  switch (kind) {
    case irc::LineKind::TooLong:
      return weird("irc_line_size_exceeded");
    case irc::LineKind::TooShort:
      return weird("irc_line_too_short");
    case irc::LineKind::OnlyPrefix:
      return weird("irc_invalid_line");
    case irc::LineKind::NoCommand:
      weird("irc_invalid_line");
      return c.violation("IRC line without a command");
    case irc::LineKind::BadReply:
      weird("irc_invalid_reply_number");
      return c.violation("malformed number of an IRC reply");
    default:
      return;
  }
}

/// Servers may agree on compressing what they say to each other (RFC 2813 section 4.1.1).
void IrcAnalyzer::follow_servers(Direction d, const irc::Line& line) {
  Server& s = servers_[index(d)];
  if (s.introduced) return;
  if (line.command == "PASS") {
    const auto words = irc::split(line.parameters, ' ');
    s.wants_zip = words.size() > 3 && words[3].find_first_of("Zz") != std::string_view::npos;
  }
  s.introduced = line.command == "SERVER" && line.prefix.empty();
}

void IrcAnalyzer::command(AnalyzerContext& c, Direction d, const irc::Line& line) {
  if (line.command.size() > kLongestCommand) {
    c.weird("irc_invalid_command", {}, "IRC");
    if (++long_commands_ <= kMaxLongCommands) return;
    c.weird("irc_too_many_invalid", {}, "IRC");
    return c.violation("too many long IRC commands");
  }
  const bool from_client = d == Direction::Orig;
  if (line.command == "PRIVMSG") return message(c, line);
  if (line.command == "JOIN" || line.command == "NJOIN") return join(c, d, line);
  if (line.command != "USER" && line.command != "NICK") return;
  row(c);
  if (!from_client) return;
  line.command == "USER" ? user(c, line) : nick(c, line);
}

/// The session's row, which has the time of the last command.
IrcRecord& IrcAnalyzer::row(AnalyzerContext& c) {
  if (session_ == nullptr) session_ = std::make_shared<IrcSession>();
  static_cast<ConnHeader&>(session_->row) = c.conn();
  session_->row.ts = Time{c.now()};
  return session_->row;
}

void IrcAnalyzer::write(AnalyzerContext& c) {
  c.records().write(c.now(), session_->row.uid, session_->row);
}

void IrcAnalyzer::user(AnalyzerContext& c, const irc::Line& line) {
  const irc::User u = irc::parse_user(line.parameters);
  IrcRecord& r = session_->row;
  r.command = line.command;
  r.value = u.user;
  r.addl = std::string(u.host) + " " + std::string(u.server) + " " + u.real_name;
  write(c);
  r.user = u.user;
}

void IrcAnalyzer::nick(AnalyzerContext& c, const irc::Line& line) {
  std::string_view name = line.parameters;
  if (name.starts_with(':')) name.remove_prefix(1);
  IrcRecord& r = session_->row;
  r.command = line.command;
  r.value = name;
  write(c);
  r.nick = name;
}

void IrcAnalyzer::join(AnalyzerContext& c, Direction d, const irc::Line& line) {
  const bool between_servers = line.command == "NJOIN";
  const auto joins = between_servers ? irc::parse_njoin(line.parameters) : irc::parse_join(line.parameters);
  if (joins.empty()) return c.weird(between_servers ? "irc_invalid_njoin_line" : "irc_invalid_join_line", {}, "IRC");
  IrcRecord& r = row(c);
  if (d != Direction::Orig) return;
  r.command = "JOIN";
  for (const irc::Join& j : joins) {
    r.value = j.channel;
    r.addl = j.key.empty() ? std::string() : " with channel key: '" + std::string(j.key) + "'";
    write(c);
  }
}

void IrcAnalyzer::message(AnalyzerContext& c, const irc::Line& line) {
  using Kind = irc::Message::Kind;
  const irc::Message m = irc::parse_message(line.parameters);
  switch (m.kind) {
    case Kind::Text:
      return;
    case Kind::Offer:
      return offer(c, m.offer);
    case Kind::NoText:
      return c.weird("irc_invalid_privmsg_message_format", {}, "IRC");
    case Kind::BadOffer:
      return c.weird("irc_invalid_dcc_message_format", {}, "IRC");
    case Kind::BadAddress:
      return c.weird("irc_invalid_dcc_host", {}, "IRC");
    case Kind::BadPort:
      return c.weird("irc_invalid_dcc_port", std::to_string(static_cast<int32_t>(m.bad_port)), "IRC");
  }
}

/// Whoever takes the offer connects to the one who made it.
void IrcAnalyzer::offer(AnalyzerContext& c, const irc::Offer& offer) {
  IrcRecord& r = row(c);
  if (offer.type != "SEND") return;
  r.dcc_file_name = offer.argument;
  r.dcc_file_size = offer.size;
  const auto transfer = std::make_shared<IrcTransfer>();
  transfer->session = session_;
  Expectation e;
  e.resp = IpAddress::v4(offer.address);
  e.resp_port = offer.port;
  e.protocol = ProtocolId::IrcData;
  e.service = "irc-dcc-data";
  e.file = transfer;
  c.expect(e);
}

void IrcDataAnalyzer::on_expected(AnalyzerContext&, const Expectation& expectation) {
  // Only IrcAnalyzer announces connections for this protocol.
  transfer_ = std::static_pointer_cast<IrcTransfer>(expectation.file);
}

FileHandle IrcDataAnalyzer::open(AnalyzerContext& c) {
  if (c.files().alive(file_)) return file_;
  FileMeta meta{.fuid = FileAnalysis::fuid(c.conn().uid, "IRC_DATA", 0, false), .source = "IRC_DATA"};
  if (transfer_ != nullptr && transfer_->session->row.dcc_file_name) meta.filename = *transfer_->session->row.dcc_file_name;
  file_ = c.files().open(c, meta).handle;
  if (transfer_ != nullptr && file_) transfer_->session->row.fuid = c.files().fuid(file_);
  return file_;
}

void IrcDataAnalyzer::apply(AnalyzerContext& c, const FileUpdate& update) {
  if (transfer_ == nullptr || update.mime_type.empty()) return;
  transfer_->session->row.dcc_mime_type = update.mime_type;
  write(c);
}

/// The row of the session that announced the file; its next rows do not tell of the file any more.
void IrcDataAnalyzer::write(AnalyzerContext& c) {
  IrcRecord& r = transfer_->session->row;
  const auto command = std::exchange(r.command, "DCC");
  c.records().write(c.now(), r.uid, r);
  if (command) r.command = command;
  r.dcc_file_name.reset();
  r.dcc_file_size.reset();
  r.dcc_mime_type.reset();
  transfer_.reset();
}

void IrcDataAnalyzer::on_data(AnalyzerContext& c, Direction d, Bytes bytes) {
  constexpr size_t kAcknowledgement = 4;
  if (d == Direction::Orig) {
    if (bytes.size() % kAcknowledgement != 0) c.weird("irc_invalid_dcc_send_ack", {}, "IRC_DATA");
    return;
  }
  const FileHandle file = open(c);
  bytes_ += bytes.size();
  apply(c, c.files().data(c, file, bytes));
}

void IrcDataAnalyzer::on_gap(AnalyzerContext& c, Direction d, uint64_t bytes) {
  if (d == Direction::Orig) return;
  const FileHandle file = open(c);
  apply(c, c.files().gap(c, file, bytes_, bytes));
  bytes_ += bytes;
}

void IrcDataAnalyzer::on_finish(AnalyzerContext& c) {
  if (!file_) return;
  apply(c, c.files().close(c, file_));
  if (transfer_ != nullptr) write(c);
}

Probe probe_irc(const ProbeInput& in) {
  switch (irc::looks_like(in.orig, in.resp)) {
    case irc::Match::Yes:
      return Probe::Certain;
    case irc::Match::Unsure:
      return Probe::Unsure;
    case irc::Match::No:
      break;
  }
  return Probe::NotForUs;
}

}  // namespace sensor
