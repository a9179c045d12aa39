#include "src/session/ftp_analyzer.h"

#include <algorithm>

#include "dpi/ftp/path.h"
#include "dpi/mime/text.h"

namespace sensor {
namespace {

constexpr std::string_view kSource = "FTP";

template <size_t n>
bool is_one_of(const std::array<std::string_view, n>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}
constexpr std::array<std::string_view, 10> kLogged{"APPE", "DELE", "RETR", "STOR", "STOU", "ACCT", "PORT", "PASV", "EPRT", "EPSV"};
constexpr std::array<std::string_view, 13> kAboutFiles{"APPE", "CWD",  "DELE", "MKD",  "RETR", "RMD", "RNFR",
                                                       "RNTO", "STOR", "STOU", "REST", "SIZE", "MDTM"};
constexpr size_t kMaxProgram = 512;  // bytes of a client's name for itself
constexpr std::array<std::string_view, 4> kGuests{"anonymous", "ftp", "ftpuser", "guest"};

/// A line within a longer reply that nevertheless looks like a reply: servers exist that never finish the longer one.
bool looks_like_reply(std::string_view text) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.size() < 14 || text[0] < '1' || text[0] > '9' || !digit(text[1]) || !digit(text[2]) || text[3] != ' ') return false;
  return std::ranges::all_of(text.substr(4, 10), [](char c) { return c >= ' ' && c < 127; });
}

std::string uri_host(const IpAddress& a) {
  return a.is_v4() ? a.to_string() : "[" + a.to_string() + "]";
}

}  // namespace

/// Carries one direction's lines into the analyzer.
struct FtpAnalyzer::Lines final : ftp::NvtHandler {
  Lines(FtpAnalyzer& a, AnalyzerContext& context, Direction side, Bytes bytes) : analyzer(a), c(context), d(side), piece(bytes) {}
  void on_line(Bytes line, size_t cut) override {
    const std::string_view text = as_chars(line);
    if (d == Direction::Orig) {
      analyzer.request_line(c, text, cut);
    } else {
      analyzer.reply_line(c, text, cut, piece.last(analyzer.lines_[index(d)].remaining()));
    }
    if (analyzer.adat_active_) analyzer.read_adat(c, d, text);
  }
  void on_line_weird(std::string_view name, std::string_view addl) override {
    if (name == "nvt_line_size_exceeded" || name == "nvt_option_size_exceeded") c.add_history('X');
    c.weird(name, addl, "NVT");
  }

  FtpAnalyzer& analyzer;
  AnalyzerContext& c;
  Direction d;
  Bytes piece;
};

void FtpAnalyzer::on_data(AnalyzerContext& c, Direction d, Bytes bytes) {
  if (in_tls_) return;
  Lines handler(*this, c, d, bytes);
  lines_[index(d)].feed(bytes, handler);
}

void FtpAnalyzer::on_eof(AnalyzerContext& c, Direction d) {
  if (d == Direction::Orig) client_ended_ = true;
  if (in_tls_) return;
  Lines handler(*this, c, d, {});
  lines_[index(d)].finish(handler);
}

void FtpAnalyzer::on_finish(AnalyzerContext& c) {
  if (client_ended_ && !in_tls_ && lines_[0].is_unfinished()) c.weird("partial_ftp_request", {}, kSource);
  if (!row_) return;
  for (const auto& [number, command] : commands_.pending()) {
    command_ = command;
    write(c);
  }
}

void FtpAnalyzer::begin_session(AnalyzerContext& c) {
  if (row_) return;
  static_cast<ConnHeader&>(row_.emplace()) = c.conn();
  row_->user = "<unknown>";
  commands_.add(c.now(), "<init>", {});  // what the server's greeting answers
}

void FtpAnalyzer::request_line(AnalyzerContext& c, std::string_view line, size_t cut) {
  using Status = ftp::Request::Status;
  const ftp::Request r = ftp::parse_request(line);
  switch (r.status) {
    case Status::Empty:
      return;
    case Status::Invalid:
      if (confirmed_) c.weird("FTP_invalid_command", {}, kSource);
      return;
    case Status::TooLong:
      if (!confirmed_) return;
      c.add_history('X');
      c.weird("FTP_max_command_length_exceeded", std::to_string(r.command.size()), kSource);
      return;
    case Status::Ok:
      break;
  }
  if (!confirmed_) {
    confirmed_ = true;
    c.confirm("ftp");
    c.allow_idle(60 * kMinute);
  }
  const std::string command = mime::upper(r.command);
  if (std::string_view("AUTH").starts_with(command)) auth_requested_ = r.argument;
  request(c, command, r.argument, cut);
}

void FtpAnalyzer::request(AnalyzerContext& c, const std::string& command, std::string_view argument, size_t cut) {
  // A command is written when the next one comes: until then its reply may go on.
  if (row_ && command_ && row_->reply_code && commands_.remove(*command_)) write(c);
  begin_session(c);
  if (command == "CLNT") row_->client = argument.substr(0, kMaxProgram);
  if (commands_.full()) {
    c.weird("FTP_too_many_pending_commands", std::to_string(commands_.size()), kSource);
  } else {
    commands_.add(c.now(), command, argument, cut);
  }
  credentials(c, command, argument, cut);
  if (command != "PORT" && command != "EPRT") return;
  if (const auto to = command == "PORT" ? ftp::parse_port(argument) : ftp::parse_extended_port(argument))
    announce(c, false, c.conn().resp_h, *to);
}

void FtpAnalyzer::credentials(AnalyzerContext& c, const std::string& command, std::string_view argument, size_t cut) {
  if (command == "USER") {
    if (argument.size() > kMaxUser) c.weird("FTP_user_too_long", std::to_string(argument.size() + cut), kSource);
    row_->user = argument.substr(0, kMaxUser);
  } else if (command == "PASS") {
    if (argument.size() > kMaxPassword) c.weird("FTP_password_too_long", std::to_string(argument.size() + cut), kSource);
    row_->password = argument.substr(0, kMaxPassword);
  }
}

void FtpAnalyzer::announce(AnalyzerContext& c, bool passive, const IpAddress& orig, const ftp::Endpoint& to) {
  row_->passive = passive;
  row_->data_orig_h = orig;
  row_->data_resp_h = to.address;
  row_->data_resp_p = Port{to.port};
  c.expect({.orig = orig,
            .resp = to.address,
            .resp_port = to.port,
            .transport = Transport::Tcp,
            .protocol = ProtocolId::FtpData,
            .service = "ftp-data",
            .file = file_});
}

void FtpAnalyzer::reply_line(AnalyzerContext& c, std::string_view line, size_t cut, Bytes rest) {
  using Status = ftp::Reply::Status;
  const ftp::Reply r = replies_.line(line);
  switch (r.status) {
    case Status::Empty:
      return;
    case Status::NonNumericCode:
      return c.violation("non-numeric reply code");
    case Status::InvalidCode:
      return c.violation("invalid reply code");
    case Status::InvalidLine:
      return c.violation("invalid reply line");
    case Status::Ok:
      break;
  }
  const bool tls = r.code == 234 && (mime::equals_nocase(auth_requested_, "TLS") || mime::equals_nocase(auth_requested_, "SSL"));
  if (r.code == 334 && auth_requested_ == "GSSAPI" && !adat_active_) {
    adat_active_ = adat_first_ = true;
    c.start_inside();
  }
  reply(c, r, cut);
  if (!tls) return;
  in_tls_ = true;
  for (ftp::NvtLines& lines : lines_) lines.stop();
  c.start(ProtocolId::Tls, Direction::Resp, rest);
}

void FtpAnalyzer::reply(AnalyzerContext& c, const ftp::Reply& r, size_t cut) {
  begin_session(c);
  if (r.continued && r.code == 0 && row_->reply_code && !looks_like_reply(r.text)) return;
  command_ = commands_.match(r.code, r.text);
  if (!command_) command_ = std::make_shared<FtpCommand>(FtpCommand{c.now(), "<unknown>", {}, 0});
  row_->reply_code = r.code;
  row_->reply_msg = r.text;
  reply_cut_ = cut;
  if (r.continued) return;
  follow_reply(c, r);
  follow_directory(r);
  // Where several commands wait, the next request says nothing about the end of this one's reply.
  if (commands_.size() <= 1) return;
  commands_.remove(*command_);
  write(c);
}

void FtpAnalyzer::follow_reply(AnalyzerContext& c, const ftp::Reply& r) {
  const std::string& name = command_->name;
  if ((r.code == 150 && name == "RETR") || (r.code == 213 && name == "SIZE")) {
    row_->file_size = ftp::last_number(r.text);
  } else if ((r.code == 227 || r.code == 229) && (name == "PASV" || name == "EPSV")) {
    auto to = r.code == 227 ? ftp::parse_pasv(r.text) : ftp::parse_epsv(r.text);
    if (!to) return;
    if (r.code == 229 && to->address == IpAddress{}) to->address = c.conn().resp_h;
    announce(c, true, c.conn().orig_h, *to);
  }
}

void FtpAnalyzer::follow_directory(const ftp::Reply& r) {
  const std::string& name = command_->name;
  if (command_->directory_followed) return;
  std::string next;
  if (name == "CWD" && r.code == 250) {
    next = ftp::join_path(directory_, command_->argument);
  } else if (name == "CDUP" && (r.code == 200 || r.code == 250)) {
    next = ftp::join_path(directory_, "/..");
  } else if ((name == "PWD" || name == "XPWD") && r.code == 257) {
    next = ftp::find_path(r.text);
  } else {
    return;
  }
  command_->directory_followed = true;
  if (next.size() <= kMaxDirectory) directory_ = std::move(next);
}

bool FtpAnalyzer::hides_password() const {
  std::string user = row_->user;
  std::ranges::transform(user, user.begin(), mime::to_lower);
  return !is_one_of(kGuests, user);
}

void FtpAnalyzer::fill_argument(AnalyzerContext& c) {
  std::string argument = command_->argument;
  if (is_one_of(kAboutFiles, command_->name)) {
    const std::string path = ftp::join_path(directory_, argument);
    argument = "ftp://" + uri_host(row_->resp_h) + (path.starts_with('/') ? "" : "/") + path;
  }
  if (argument.size() > kMaxArgument) {
    c.weird("FTP_arg_too_long", std::to_string(argument.size() + command_->cut), kSource);
    argument.resize(kMaxArgument);
  }
  row_->arg.reset();
  if (!argument.empty()) row_->arg = std::move(argument);
}

/// Writes the command and what is known of its reply, if it is one of those that are logged. What belongs to one command only is forgotten.
void FtpAnalyzer::write(AnalyzerContext& c) {
  row_->ts = Time{command_->ts};
  row_->command = command_->name;
  fill_argument(c);
  if (row_->reply_msg && row_->reply_msg->size() > kMaxReplyText) {
    c.weird("FTP_reply_msg_too_long", std::to_string(row_->reply_msg->size() + reply_cut_), kSource);
    row_->reply_msg->resize(kMaxReplyText);
  }
  if (row_->password && hides_password()) row_->password = "<hidden>";
  row_->fuid = file_->fuid;
  row_->mime_type = file_->mime_type;
  if (is_one_of(kLogged, command_->name)) {
    c.records().write(c.now(), row_->uid, *row_);
    row_->client.reset();
  }
  *file_ = {};
  row_->file_size.reset();
  row_->passive.reset();
  row_->data_orig_h.reset();
  row_->data_resp_h.reset();
  row_->data_resp_p.reset();
}

Probe probe_ftp(const ProbeInput& in) {
  const ftp::Match server = ftp::looks_like_server(in.resp);
  if (server == ftp::Match::No) return Probe::NotForUs;
  return server == ftp::Match::Yes && ftp::looks_like_client(in.orig) == ftp::Match::Yes ? Probe::Certain : Probe::Unsure;
}

}  // namespace sensor
