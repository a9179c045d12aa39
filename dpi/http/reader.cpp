#include "dpi/http/reader.h"

#include <utility>

#include "dpi/http/message.h"
#include "dpi/mime/text.h"

namespace sensor::http {
namespace {

/// Whether `method` is the given one, or the beginning of it: Zeek compares no further than the method's own length.
bool is_method(std::string_view method, std::string_view name) {
  return mime::equals_nocase(method, name.substr(0, method.size()));
}

}  // namespace

/// Carries one direction's lines into the reader.
struct Reader::Lines : mime::LineHandler {
  Lines(Reader& r, Side s) : reader(r), side(s) {}
  void on_line(Bytes bytes) override { reader.line(side, bytes); }
  void on_plain(Bytes bytes) override { reader.plain(side, bytes); }
  void on_line_weird(std::string_view name) override {
    if (name == "line_terminated_with_single_CR" && std::exchange(reader.single_cr_told_, true)) return;
    reader.sink_.on_weird(name, {}, "CONTENTLINE");
  }

  Reader& reader;
  Side side;
};

Reader::Reader(Sink& sink) : sink_(sink) {}
Reader::~Reader() = default;

void Reader::feed(Side side, Bytes bytes) {
  if (handed_over_ || bytes.empty()) return;
  if (side == Side::Server && at(side).expect == Expect::Http09) {
    http09_body(bytes);
    return;
  }
  Lines lines(*this, side);
  at(side).splitter.feed(bytes, lines);
}

bool Reader::split_only(Bytes bytes) {
  struct Ignore final : Lines {
    using Lines::Lines;
    void on_line(Bytes) override {}
    void on_plain(Bytes) override {}
  } lines(*this, Side::Client);
  at(Side::Client).splitter.feed(bytes, lines);
  return single_cr_told_;
}

void Reader::lost(Side side, uint64_t length) {
  if (handed_over_) return;
  Direction& d = at(side);
  if (d.message && d.message->lost(length)) return;
  // Without the request it is unknown whether a response has a body, so a hole there ends both directions.
  if (side == Side::Client) request_over(true);
  response_over(true);
  d.splitter.stop();
}

void Reader::eof(Side side) {
  if (!handed_over_) {
    Lines lines(*this, side);
    at(side).splitter.finish(lines);
  }
  end(side);
}

void Reader::end(Side side) {
  if (side == Side::Client) {
    request_over(false);
  } else {
    response_over(false);
  }
}

void Reader::finish() {
  request_over(true);
  response_over(true);
}

bool Reader::at_rest() const {
  const auto rests = [](const Direction& d) {
    return d.expect == Expect::StartLine && !d.ongoing && d.splitter.at_rest() && d.version.major < 16 && d.version.minor < 16;
  };
  return rests(directions_[0]) && rests(directions_[1]) && unanswered_.empty() && requests_ > 0 && !connect_ && !handed_over_ &&
         upgrade_protocol_.empty();
}

uint64_t Reader::memory() const {
  uint64_t m = 0;
  const auto put = [&m](uint64_t value, int bits) { m = m << bits | value; };
  for (const Direction& d : directions_) {
    put(d.splitter.last_byte(), 8);
    put(d.version.major, 4);
    put(d.version.minor, 4);
    put(d.began, 1);
  }
  put(requests_ > 1, 1);
  put(keep_alive_, 1);
  put(close_, 1);
  put(single_cr_told_, 1);
  return m;
}

void Reader::restore(uint64_t m) {
  const auto take = [&m](int bits) {
    const uint64_t value = m & ((1U << bits) - 1);
    m >>= bits;
    return static_cast<uint8_t>(value);
  };
  single_cr_told_ = take(1) != 0;
  close_ = take(1) != 0;
  keep_alive_ = take(1) != 0;
  requests_ = 1U + take(1);
  for (size_t i = directions_.size(); i-- > 0;) {
    Direction& d = directions_[i];
    d.began = take(1) != 0;
    d.version.minor = take(4);
    d.version.major = take(4);
    d.splitter.set_last_byte(take(8));
  }
}

void Reader::plain(Side side, Bytes bytes) {
  Direction& d = at(side);
  if (d.message) {
    d.message->deliver(bytes, false);
  } else {
    weird(side == Side::Client ? "unexpected_client_HTTP_data" : "unexpected_server_HTTP_data");
  }
}

void Reader::line(Side side, Bytes bytes) {
  Direction& d = at(side);
  if (d.expect == Expect::StartLine) {
    if (side == Side::Client) {
      request_line(as_chars(bytes));
    } else {
      status_line(as_chars(bytes));
    }
  } else if (d.expect == Expect::Message) {
    if (side == Side::Client) {
      d.message->deliver(bytes, true);
    } else {
      response_line(bytes);
    }
  }
}

void Reader::set_version(Direction& d, Version v) {
  if (d.version != Version{} && d.version != v) weird("HTTP_version_mismatch");
  d.version = v;
  if (v.major > 1 || (v.major == 1 && v.minor > 0)) keep_alive_ = true;
}

void Reader::begin_message(Side side) {
  BodyRule rule = BodyRule::IfAnnounced;
  if (side == Side::Server) {
    const bool to_head = !unanswered_.empty() && unanswered_.front();
    const bool bodiless = (status_code_ >= 100 && status_code_ < 200) || status_code_ == 204 || status_code_ == 304;
    rule = to_head || bodiless ? BodyRule::None : BodyRule::Expected;
  }
  Direction& d = at(side);
  if (d.message && !d.message->finished()) weird("HTTP_overlapping_messages");
  d.began = true;
  d.message = std::make_unique<Message>(*this, side, rule);
  d.message->begin();
}

void Reader::request_line(std::string_view line) {
  if (!read_request_line(line)) {
    bad_request_line(line);
    return;
  }
  Direction& client = at(Side::Client);
  begin_message(Side::Client);
  if (client.version == Version{0, 9}) begin_http09();
}

bool Reader::read_request_line(std::string_view text) {
  RequestLine request;
  const LineError error = parse_request_line(text, request);
  if (error != LineError::None) {
    weird(error == LineError::Malformed ? "bad_HTTP_request" : "bad_HTTP_request_with_version");
    return false;
  }
  Direction& client = at(Side::Client);
  if (request.lowercase_keyword) weird("lowercase_HTTP_keyword");
  if (request.missing_uri) weird("missing_HTTP_uri");
  if (request.version) set_version(client, *request.version);
  const std::string uri = mime::unescape(request.uri, this);
  if (client.version == Version{0, 9} && (request.method.size() < 3 || request.uri.empty())) {
    weird("bad_HTTP_request");
    return false;
  }
  requests_++;
  if (!keep_alive_ && requests_ > 1) weird("unexpected_multiple_HTTP_requests");
  client.expect = Expect::Message;
  client.ongoing = true;
  unanswered_.push(is_method(request.method, "HEAD"));
  sink_.on_confirmed();
  if (is_method(request.method, "CONNECT")) connect_ = true;
  sink_.on_request(request.method, uri);
  if (client.version == Version{0, 9} && request.method != "GET") weird("invalid_http_09_request_method", request.method);
  return true;
}

void Reader::bad_request_line(std::string_view line) {
  if (requests_ > 0 && !keep_alive_) return;  // something trails the one request
  if (line.empty()) {
    // An end of line that the length of the body before did not count: servers tolerate it.
    weird("empty_http_request");
    return;
  }
  at(Side::Client).expect = Expect::Nothing;
  sink_.on_violation("not a http request line");
}

/// The response is raw bytes until the server closes (RFC 1945 section 4.1).
void Reader::begin_http09() {
  Direction& server = at(Side::Server);
  if (server.began) {
    weird("http_09_reply_before_request");
    if (server.message) server.message->done();
    server.message.reset();
  }
  server.expect = Expect::Http09;
}

void Reader::http09_body(Bytes bytes) {
  Direction& server = at(Side::Server);
  if (!server.message) {
    set_version(server, {0, 9});
    if (!unanswered_.empty()) {
      sink_.on_confirmed();
      unanswered_.pop();
    }
    close_ = true;
    server.ongoing = true;
    sink_.on_response(server.version, status_code_, std::nullopt);
    begin_message(Side::Server);
    server.message->deliver({}, true);  // there is no header
  }
  server.message->deliver(bytes, false);
}

void Reader::status_line(std::string_view line) {
  Direction& server = at(Side::Server);
  const auto status = parse_status_line(line);
  if (status && status->lowercase_keyword) weird("lowercase_HTTP_keyword");
  if (!status) {
    if (line.empty()) return;
    server.expect = Expect::Nothing;
    sink_.on_violation("not a http reply line");
    return;
  }
  set_version(server, status->version);
  status_code_ = status->code;
  if (!unanswered_.empty()) sink_.on_confirmed();
  server.expect = Expect::Message;
  server.ongoing = true;
  sink_.on_response(server.version, status_code_, status->reason);
  if (status_code_ != 200) connect_ = false;
  begin_message(Side::Server);
}

void Reader::response_line(Bytes bytes) {
  at(Side::Server).message->deliver(bytes, true);
  if (connect_ && bytes.empty()) open_tunnel();
}

void Reader::open_tunnel() {
  if (handed_over_) return;
  const size_t rest = at(Side::Server).splitter.remaining();
  if (rest > 0) weird("protocol_data_with_HTTP_CONNECT_reply", std::to_string(rest));
  handed_over_ = true;
  for (Direction& d : directions_) d.splitter.stop();
  sink_.on_tunnel(rest);
}

void Reader::message_done(Side side) {
  if (side == Side::Client) {
    request_over(false);
  } else {
    response_over(false);
  }
}

void Reader::request_over(bool interrupted) {
  Direction& client = at(Side::Client);
  if (!client.ongoing) return;
  client.ongoing = false;
  if (client.message) client.message->done();
  client.expect = interrupted ? Expect::Nothing : Expect::StartLine;
}

void Reader::response_over(bool interrupted) {
  Direction& server = at(Side::Server);
  if (!server.ongoing) return;
  server.ongoing = false;
  if (server.message) server.message->done();
  const bool interim = status_code_ >= 100 && status_code_ < 200;
  if (!interim && !unanswered_.empty()) unanswered_.pop();
  if (status_code_ == 101 && unanswered_.size() == 1 && upgrade_ && !upgrade_protocol_.empty()) upgrade();
  status_code_ = 0;
  upgrade_ = false;
  upgrade_protocol_.clear();
  server.expect = interrupted || upgraded_ ? Expect::Nothing : Expect::StartLine;
}

void Reader::upgrade() {
  const size_t rest = at(Side::Server).splitter.remaining();
  if (rest > 0) weird("protocol_data_with_HTTP_upgrade_reply", std::to_string(rest));
  upgraded_ = true;
  handed_over_ = true;
  for (Direction& d : directions_) d.splitter.stop();
  sink_.on_upgrade(upgrade_protocol_, rest);
}

void Reader::connection_header(Side side, const mime::Header& header) {
  if (mime::equals_nocase(header.name, "Connection")) {
    const std::string_view token = header.token().value_or("");
    if (side == Side::Client) {
      if (mime::equals_nocase(token, "keep-alive")) keep_alive_ = true;
    } else {
      if (mime::equals_nocase(token, "close")) close_ = true;
      if (mime::equals_nocase(token, "Upgrade")) upgrade_ = true;
    }
  } else if (side == Side::Server && mime::equals_nocase(header.name, "Upgrade")) {
    upgrade_protocol_ = header.token().value_or("");
  }
}

}  // namespace sensor::http
