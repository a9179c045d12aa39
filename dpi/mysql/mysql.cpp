#include "dpi/mysql/mysql.h"

#include <algorithm>

#include "dpi/mysql/values.h"

namespace sensor::mysql {
namespace {

// "Capabilities Flags"
constexpr uint32_t kCompress = 0x20, kSsl = 0x800, kZstd = 0x04000000, kPluginAuth = 0x00080000, kDeprecateEof = 0x01000000,
                   kQueryAttributes = 0x08000000;
// The first byte of a reply.
constexpr uint8_t kOk = 0x00, kMoreData = 0x01, kLocalFile = 0xfb, kEnd = 0xfe, kError = 0xff;
constexpr uint8_t kVersion9 = 9, kVersion10 = 10;

/// MariaDB Knowledge Base, "ERR_Packet": an error with this code tells how far a long command is.
bool is_progress_report(const ByteReader& r) {
  return r.peek(0) == kError && r.peek(1) == 0xff && r.peek(2) == 0xff;
}

}  // namespace

void Reader::feed(bool from_client, Bytes piece) {
  rest_ = {};
  if (stopped_) return;
  Side& s = sides_[from_client ? 0 : 1];
  if (s.held.empty()) {
    const size_t n = std::min<size_t>(s.to_skip, piece.size());
    s.to_skip -= static_cast<uint32_t>(n);
    piece = piece.subspan(n);
    const Bytes left = read(from_client, piece);
    s.held.assign(left.begin(), left.end());
  } else {
    s.held.insert(s.held.end(), piece.begin(), piece.end());
    const size_t left = read(from_client, s.held).size();
    s.held.erase(s.held.begin(), s.held.end() - static_cast<std::ptrdiff_t>(left));
  }
  if (stopped_) rest_ = piece.last(std::min(s.held.size(), piece.size()));
}

/// What is left of the stream when no packet is whole any more.
Bytes Reader::read(bool from_client, Bytes stream) {
  ByteReader r(stream);
  while (!stopped_ && !r.empty() && read_one(from_client, r)) {}
  return r.rest();
}

/// False: the packet is not whole, or malformed; then the reader has failed.
bool Reader::read_one(bool from_client, ByteReader& r) {
  ByteReader ahead = r;
  Packet p;
  p.length = u24le(ahead);
  p.sequence = ahead.u8();
  const uint32_t kept = std::min<uint32_t>(p.length, kMaxKept);
  if (!ahead.ok() || ahead.remaining() < kept) return false;
  p.content = ahead.sub(kept);
  if (!(from_client ? client_packet(p) : server_packet(p))) {
    r.fail();
    sink_.on_violation("malformed MySQL packet");
    return false;
  }
  const uint32_t beyond = p.length - kept, here = std::min<uint32_t>(beyond, static_cast<uint32_t>(ahead.remaining()));
  ahead.skip(here);
  sides_[from_client ? 0 : 1].to_skip = beyond - here;
  r = ahead;
  return true;
}

/// False: malformed.
bool Reader::client_packet(Packet& p) {
  if (logged_in_) return command(p);
  if (login_sent_) return true;
  return version_ == kVersion9 ? login_v9(p.content) : version_ == kVersion10 && login(p.content);
}

bool Reader::server_packet(Packet& p) {
  // A server whose first packet has number 0 greets.
  const bool first = p.sequence == 0 && last_sequence_ != 255;
  last_sequence_ = p.sequence;
  if (logged_in_) return reply(p);
  return first ? greeting(p.content) : login_reply(p.content);
}

/// "Protocol::HandshakeV10", "Protocol::HandshakeV9", or an error.
bool Reader::greeting(ByteReader& r) {
  version_ = r.u8();
  if (version_ != kVersion9 && version_ != kVersion10) return error(r);
  sink_.on_greeting(nul_text(r));
  r.skip(4);  // the connection's number
  if (version_ == kVersion9) {
    nul_text(r);
    return r.ok();
  }
  r.skip(9);
  server_capabilities_ = r.u16le();
  r.skip(3);
  server_capabilities_ |= uint32_t{r.u16le()} << 16;
  constexpr uint8_t kFirstPart = 8, kShortest = 21;
  const uint8_t challenge = r.u8();
  if (challenge != 0 && challenge < kShortest) return false;
  r.skip(10);
  r.skip(challenge > kShortest ? challenge - kFirstPart : kShortest - kFirstPart);
  if ((server_capabilities_ & kPluginAuth) != 0) nul_text(r);
  return r.ok();
}

/// "Protocol::HandshakeResponse41", or the beginning of it, "Protocol::SSLRequest".
bool Reader::login(ByteReader& r) {
  client_capabilities_ = r.u32le();
  r.skip(28);  // largest packet, character set, zeros
  if (!r.ok()) return false;
  if ((client_capabilities_ & kSsl) != 0) {
    stopped_ = true;
    sink_.on_ssl_request();
    return true;
  }
  const std::string_view user = nul_text(r);
  length_encoded_text(r);  // password
  if (!r.ok()) return false;
  login_sent_ = (client_capabilities_ & kPluginAuth) != 0;
  sink_.on_login(user);
  return true;
}

/// "Protocol::HandshakeResponse320"
bool Reader::login_v9(ByteReader& r) {
  r.skip(5);  // capabilities, largest packet
  const std::string_view user = nul_text(r);
  nul_text(r);  // password
  if (r.ok()) sink_.on_login(user);
  return r.ok();
}

/// What the server says until it has let the client in, or not.
bool Reader::login_reply(ByteReader& r) {
  switch (r.u8()) {
    case kOk:
      if (!r.ok() || !ok(r)) return false;
      stopped_ = (client_capabilities_ & server_capabilities_ & (kCompress | kZstd)) != 0;
      return true;
    case kMoreData:
      return true;
    case kEnd:  // another way to log in
      nul_text(r);
      login_sent_ = true;
      expect_ = Expect::Status;
      return r.ok();
    case kError:
      return error(r);
    default:
      return false;
  }
}

bool Reader::command(Packet& p) {
  ByteReader& r = p.content;
  if (sending_file_) {
    sending_file_ = p.length != 0;
    return true;
  }
  const uint8_t code = r.u8();
  if (code == kQuery && (client_capabilities_ & server_capabilities_ & kQueryAttributes) != 0) skip_query_attributes(r);
  if (!r.ok()) return false;
  if (code == kChangeUser) return change_user(r);
  if (code == kQuery || code == kProcessInfo) {
    expect_ = Expect::ColumnCount;
  } else if (code == kFieldList) {
    expect_ = Expect::ColumnOrEnd;
  } else if (code == kStatistics || code > kResetConnection) {
    expect_ = Expect::Nothing;
  } else {
    // Replies to binary logs and prepared statements have forms of their own.
    constexpr uint8_t kBinlogDump = 18, kStatementFetch = 28, kBinlogDumpGtid = 30;
    const bool own_form = (code >= kBinlogDump && code <= kStatementFetch) || code == kBinlogDumpGtid;
    expect_ = own_form ? Expect::Nothing : Expect::Status;
  }
  sink_.on_command(code, as_chars(r.rest()));
  return true;
}

/// The user logs in anew.
bool Reader::change_user(ByteReader r) {
  const std::string_view argument = as_chars(r.rest()), user = nul_text(r);
  r.skip(r.u8());  // password
  nul_text(r);     // database
  r.skip(2);       // character set
  if (!r.ok()) return false;
  logged_in_ = false;
  login_sent_ = true;
  sink_.on_command(kChangeUser, argument);
  sink_.on_change_user(user);
  return true;
}

bool Reader::reply(Packet& p) {
  ByteReader& r = p.content;
  if (is_progress_report(r)) return true;
  switch (expect_) {
    case Expect::Nothing:
      return true;
    case Expect::Status:
      return status(r);
    case Expect::ColumnCount:
      return column_count(r);
    case Expect::Column:
    case Expect::EndOfColumns:
    case Expect::ColumnOrEnd:
    case Expect::Row:
      break;
  }
  if (r.empty()) return false;
  const uint8_t mark = r.u8();
  if (mark == kError) {
    expect_ = Expect::Nothing;
    return error(r);
  }
  if (expect_ == Expect::Column) {
    if (--columns_left_ == 0) expect_ = Expect::EndOfColumns;
    return true;
  }
  if (expect_ == Expect::EndOfColumns) {
    expect_ = Expect::Row;
    if ((client_capabilities_ & kDeprecateEof) == 0) return warnings_and_status(r);
  }
  if (mark != kEnd) return true;  // a row, or a column
  if (expect_ == Expect::Row) expect_ = Expect::Nothing;
  return end_of_result(p);
}

bool Reader::column_count(ByteReader& r) {
  const uint8_t mark = r.u8();
  if (!r.ok()) return false;
  if (mark == kOk) return ok(r);
  if (mark == kError) return error(r);
  if (mark == kLocalFile) {
    sending_file_ = true;
    expect_ = Expect::Status;
    return true;
  }
  columns_left_ = static_cast<uint32_t>(length_encoded(mark, r));
  expect_ = columns_left_ == 0 ? Expect::EndOfColumns : Expect::Column;
  return r.ok();
}

bool Reader::status(ByteReader& r) {
  switch (r.u8()) {
    case kOk:
      return r.ok() && ok(r);
    case kEnd:
      if (!warnings_and_status(r)) return false;
      sink_.on_end_of_result();
      return true;
    case kError:
      return error(r);
    default:
      return true;
  }
}

/// An OK packet with another mark, or an EOF packet, which is shorter than 9 bytes.
bool Reader::end_of_result(Packet& p) {
  constexpr uint32_t kLongestEof = 9;
  if ((client_capabilities_ & kDeprecateEof) != 0 || p.length > kLongestEof) return ok(p.content);
  if (!warnings_and_status(p.content)) return false;
  sink_.on_end_of_result();
  return true;
}

bool Reader::warnings_and_status(ByteReader& r) {
  r.skip(4);
  return r.ok();
}

bool Reader::ok(ByteReader& r) {
  const auto rows = static_cast<uint32_t>(length_encoded(r));
  if (!r.ok()) return false;
  logged_in_ = true;
  sink_.on_ok(rows);
  return true;
}

bool Reader::error(ByteReader& r) {
  r.skip(2 + 6);  // code, and state with its mark
  if (!r.ok()) return false;
  logged_in_ = true;
  sink_.on_error(as_chars(r.rest()));
  return true;
}

std::string command_name(uint8_t command) {
  constexpr std::string_view kNames[] = {"sleep",
                                         "quit",
                                         "init_db",
                                         "query",
                                         "field_list",
                                         "create_db",
                                         "drop_db",
                                         "refresh",
                                         "shutdown",
                                         "statistics",
                                         "process_info",
                                         "connect",
                                         "process_kill",
                                         "debug",
                                         "ping",
                                         "time",
                                         "delayed_insert",
                                         "change_user",
                                         "binlog_dump",
                                         "table_dump",
                                         "connect_out",
                                         "register_slave",
                                         "stmt_prepare",
                                         "stmt_execute",
                                         "stmt_send_long_data",
                                         "stmt_close",
                                         "stmt_reset",
                                         "set_option",
                                         "stmt_fetch",
                                         "daemon",
                                         "binlog_dump_gtid",
                                         "reset_connection"};
  return command < std::size(kNames) ? std::string(kNames[command]) : "unknown-" + std::to_string(command);
}

Match looks_like(Bytes client, Bytes server) {
  if (server.empty()) return client.empty() ? Match::Unsure : Match::No;
  ByteReader r(server);
  const uint32_t length = u24le(r);
  const uint8_t sequence = r.u8(), version = r.u8(), digit = r.u8();
  const bool known = (length == 0 && !r.ok()) || (length >= 30 && length < 512);
  if (!r.ok()) return known && sequence == 0 && (version == 0 || version == kVersion10) ? Match::Unsure : Match::No;
  return known && sequence == 0 && version == kVersion10 && digit >= '0' && digit <= '9' ? Match::Yes : Match::No;
}

}  // namespace sensor::mysql
