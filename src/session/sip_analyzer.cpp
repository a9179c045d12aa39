#include "src/session/sip_analyzer.h"

#include <algorithm>

#include "sensor/base/hex.h"

namespace sensor {
namespace {

using Text = std::optional<std::string> SipRecord::*;

/// A header field whose value is shown; `compact` is its short form (RFC 3261 section 20), where Zeek knows it.
struct FieldName {
  std::string_view name, compact;
  Text member;
};
constexpr auto kRequestFields = std::to_array<FieldName>({
    {"Call-ID", {}, &SipRecord::call_id},
    {"CSeq", {}, &SipRecord::seq},
    {"Date", {}, &SipRecord::date},
    {"Reply-To", {}, &SipRecord::reply_to},
    {"Subject", "s", &SipRecord::subject},
    {"To", "t", &SipRecord::request_to},
    {"User-Agent", {}, &SipRecord::user_agent},
});
constexpr auto kResponseFields = std::to_array<FieldName>({
    {"Content-Type", "c", &SipRecord::content_type},
    {"To", "t", &SipRecord::response_to},
    {"Warning", {}, &SipRecord::warning},
});

bool is(const sip::Header& h, std::string_view name, std::string_view compact) {
  return sip::same_name(h.name, name) || (!compact.empty() && sip::same_name(h.name, compact));
}

void set(std::optional<std::string>& member, std::string_view value) {
  member = value.substr(0, SipAnalyzer::kMaxText);
}

void set_by_name(SipRecord& r, const sip::Header& h, std::span<const FieldName> fields) {
  const auto it = std::ranges::find_if(fields, [&](const FieldName& f) { return is(h, f.name, f.compact); });
  if (it != fields.end()) set(r.*it->member, h.value);
}

/// False: there are too many.
bool add_via(std::vector<std::string>& path, std::string_view value) {
  if (path.size() >= SipAnalyzer::kMaxPath) return false;
  path.emplace_back(sip::before_parameter(value, "branch").substr(0, SipAnalyzer::kMaxVia));
  return true;
}

/// What cannot be printed as Zeek shows it in a weird: "\x00".
std::string printable(std::string_view text) {
  std::string out;
  for (const char ch : text) {
    if (ch >= ' ' && ch < 0x7f)
      out += ch;
    else
      out += "\\x" + hex(as_bytes({&ch, 1}));
  }
  return out;
}

}  // namespace

void SipAnalyzer::on_data(AnalyzerContext& c, Direction, Bytes datagram) {
  const std::string_view text = as_chars(datagram);
  if (text.find_first_not_of("\r\n") == std::string_view::npos) return;  // keeps a NAT's mapping alive (RFC 5626 section 3.5.1)
  sip::MessageReader message(text);
  sip::StartLine line;
  const auto start = message.start(line);
  if (start == sip::MessageReader::Status::Malformed) return c.violation("malformed first line of a SIP message");
  if (start == sip::MessageReader::Status::End) {
    if (line.is_request) junk_ += text.substr(0, kMaxJunk - junk_.size());
    return;
  }
  begin(c, line);
  sip::Header h;
  auto status = message.next(h);
  for (; status == sip::MessageReader::Status::Found; status = message.next(h)) {
    if (line.is_request)
      request_field(c, h);
    else
      response_field(c, h);
  }
  if (status == sip::MessageReader::Status::Malformed) return c.violation("malformed SIP header");
  if (!line.is_request && message.whole()) end_response(c);
}

void SipAnalyzer::begin(AnalyzerContext& c, const sip::StartLine& line) {
  if (!row_) {
    row_.emplace();
    static_cast<ConnHeader&>(*row_) = c.conn();
    row_->ts = Time{c.now()};
  }
  if (!line.is_request) {
    c.confirm("sip");
    confirmed_ = true;
    row_->status_code = line.status;
    return set(row_->status_msg, line.reason);
  }
  report_junk(c, line.junk);
  set(row_->method, line.method);
  set(row_->uri, line.uri);
  if (!sip::is_known_method(line.method)) c.weird("unknown_SIP_method", *row_->method, {});
}

/// Before a request, in its datagram or in those before it.
void SipAnalyzer::report_junk(AnalyzerContext& c, std::string_view junk) {
  junk_ += junk.substr(0, kMaxJunk - junk_.size());
  if (!junk_.empty()) c.weird("sip_junk_before_request", printable(junk_), "SIP");
  junk_.clear();
}

void SipAnalyzer::request_field(AnalyzerContext& c, const sip::Header& h) {
  SipRecord& r = *row_;
  if (is(h, "Via", "v")) {
    if (!add_via(r.request_path, h.value)) c.weird("sip_max_request_path_length_exceeded", {}, {});
  } else if (is(h, "From", "f")) {
    set(r.request_from, sip::before_parameter(h.value, "tag="));
  } else if (is(h, "Content-Length", "l")) {
    r.request_body_len = sip::number(h.value);
  } else {
    set_by_name(r, h, kRequestFields);
  }
}

void SipAnalyzer::response_field(AnalyzerContext& c, const sip::Header& h) {
  SipRecord& r = *row_;
  if (is(h, "Via", "v")) {
    if (!add_via(r.response_path, h.value)) c.weird("sip_max_response_path_length_exceeded", {}, {});
  } else if (is(h, "From", "f")) {
    set(r.response_from, sip::before_parameter(h.value, "tag="));
  } else if (is(h, "Content-Length", "l")) {
    r.response_body_len = sip::number(h.value);
  } else {
    set_by_name(r, h, kResponseFields);
  }
}

/// Provisional responses (1xx) have a row each, and so has what comes after them.
void SipAnalyzer::end_response(AnalyzerContext& c) {
  constexpr uint64_t kFirstProvisional = 100, kFirstFinal = 200;
  write(c);
  const uint64_t status = *row_->status_code;
  if (status < kFirstProvisional || status >= kFirstFinal || !row_->method) row_.reset();
}

void SipAnalyzer::write(AnalyzerContext& c) {
  c.records().write(c.now(), row_->uid, *row_);
}

void SipAnalyzer::on_finish(AnalyzerContext& c) {
  if (row_) write(c);
  row_.reset();
}

Probe probe_sip(const ProbeInput& in) {
  return sip::looks_like_message(as_chars(in.orig.empty() ? in.resp : in.orig)) ? Probe::Certain : Probe::NotForUs;
}

}  // namespace sensor
