#include "http_analyzer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "dpi/mime/text.h"

namespace sensor {
namespace {

using http::Side;

/// Methods of RFC 9110, RFC 4918 and some neighbours; others are weird, as in Zeek.
constexpr std::array<std::string_view, 20> kKnownMethods{"GET",     "POST",     "HEAD",      "OPTIONS",   "PUT",   "DELETE", "TRACE",
                                                         "CONNECT", "PROPFIND", "PROPPATCH", "MKCOL",     "COPY",  "MOVE",   "LOCK",
                                                         "UNLOCK",  "POLL",     "REPORT",    "SUBSCRIBE", "BMOVE", "SEARCH"};

Side side_of(Direction d) {
  return d == Direction::Orig ? Side::Client : Side::Server;
}
bool is_interim(std::optional<uint64_t> status) {
  return status && *status >= 100 && *status <= 199;
}
std::string version_text(http::Version v) {
  return {static_cast<char>('0' + v.major), '.', static_cast<char>('0' + v.minor)};
}

}  // namespace

std::string HttpTransaction::take(std::string_view text) {
  text = text.substr(0, kMaxText - std::min(kMaxText, text_used));
  text_used += text.size();
  return std::string(text);
}

HttpAnalyzer::HttpAnalyzer() : reader_(*this) {}
HttpAnalyzer::~HttpAnalyzer() = default;

void HttpAnalyzer::on_data(AnalyzerContext& c, Direction d, Bytes bytes) {
  c_ = &c;
  piece_ = bytes;
  reader_.feed(side_of(d), bytes);
  piece_ = {};
}

void HttpAnalyzer::on_gap(AnalyzerContext& c, Direction d, uint64_t bytes) {
  c_ = &c;
  reader_.lost(side_of(d), bytes);
}

void HttpAnalyzer::on_eof(AnalyzerContext& c, Direction d) {
  c_ = &c;
  reader_.eof(side_of(d));
}

void HttpAnalyzer::on_finish(AnalyzerContext& c) {
  c_ = &c;
  reader_.finish();
  if (current_ != nullptr) c.files().close(c, c.files().find(file_id(Side::Client)));
  write_pending();
}

/// Makes the transaction current that this side works on; a new one where none is pending.
void HttpAnalyzer::select(Side side) {
  const uint64_t number = side == Side::Client ? current_request_ : current_response_;
  const auto [it, fresh] = pending_.try_emplace(number);
  HttpTransaction& t = it->second;
  if (fresh) {
    static_cast<ConnHeader&>(t.row) = c_->conn();
    t.row.ts = {c_->now()};
    t.row.trans_depth = t.serial = ++depth_;
  }
  current_ = &t;
}

/// Takes a transaction out of the pending ones. It stays current: files may still refer to it.
void HttpAnalyzer::release(uint64_t number) {
  const auto it = pending_.find(number);
  if (it == pending_.end()) return;
  if (current_ == &it->second) {
    detached_ = std::move(it->second);
    current_ = &detached_;
  }
  pending_.erase(it);
}

void HttpAnalyzer::write(const HttpTransaction& t) {
  c_->records().write(c_->now(), t.row.uid, t.row);
}

void HttpAnalyzer::write_pending() {
  for (const auto& [number, t] : pending_)
    if (number != 0) write(t);
  pending_.clear();
  current_ = nullptr;
}

/// Too many requests wait for a response: their rows are written as they are, and matching begins anew.
void HttpAnalyzer::flush_pipeline() {
  on_weird("HTTP_excessive_pipelining", {}, {});
  if (current_response_ == 0) current_response_++;
  for (; current_response_ < current_request_; current_response_++) {
    const auto it = pending_.find(current_response_);
    if (it == pending_.end()) continue;
    write(it->second);
    release(current_response_);
  }
}

void HttpAnalyzer::on_request(std::string_view method, std::string_view uri) {
  if (current_request_ < current_response_) {
    on_weird("HTTP_response_before_request", {}, {});
    current_request_ = current_response_;
  }
  if (pending_.size() > kMaxPending) flush_pipeline();
  current_request_++;
  select(Side::Client);
  current_->row.method = current_->take(method);
  current_->row.uri = current_->take(uri);
  if (std::find(kKnownMethods.begin(), kKnownMethods.end(), method) == kKnownMethods.end()) on_weird("unknown_HTTP_method", method, {});
}

void HttpAnalyzer::on_response(http::Version version, uint32_t code, std::optional<std::string_view> reason) {
  // An interim response is followed by the real one, which belongs to the same request.
  const auto it = pending_.find(current_response_);
  if (it == pending_.end() || (it->second.row.status_code && !is_interim(it->second.row.status_code))) current_response_++;
  select(Side::Server);
  HttpRecord& row = current_->row;
  row.status_code = code;
  row.status_msg = current_->take(reason.value_or("<empty>"));
  row.version = version_text(version);
  if (!is_interim(code)) return;
  row.info_code = code;
  row.info_msg = row.status_msg;
}

void HttpAnalyzer::on_entity_begin(Side side) {
  select(side);
  (side == Side::Client ? current_->orig_entities : current_->resp_entities)++;
  current_->in_entity = true;
  current_->entity_filename.clear();
}

void HttpAnalyzer::on_entity_end(Side) {
  if (current_ == nullptr) return;
  current_->in_entity = false;
  current_->entity_filename.clear();
}

void HttpAnalyzer::on_message_done(Side side, uint64_t body_length) {
  select(side);
  if (side == Side::Client) {
    current_->row.request_body_len = body_length;
    return;
  }
  current_->row.response_body_len = body_length;
  if (is_interim(current_->row.status_code)) return;
  write(*current_);
  release(current_response_);
}

void HttpAnalyzer::on_tunnel(size_t rest) {
  c_->becomes_proxy(TunnelType::Http);
  hand_on(rest);
}

void HttpAnalyzer::on_upgrade(std::string_view, size_t rest) {
  hand_on(rest);
}

/// What follows belongs to another protocol. Both CONNECT and Upgrade take effect behind a response.
void HttpAnalyzer::hand_on(size_t rest) {
  c_->start_detection(Direction::Resp, piece_.last(std::min(rest, piece_.size())));
}

void HttpAnalyzer::on_confirmed() {
  c_->confirm("http");
}

void HttpAnalyzer::on_violation(std::string_view reason) {
  c_->violation(reason);
}

void HttpAnalyzer::on_weird(std::string_view name, std::string_view addl, std::string_view source) {
  c_->weird(name, addl, source);
}

Probe probe_http(const ProbeInput& input) {
  const auto request = http::looks_like_request(input.orig);
  const auto response = http::looks_like_response(input.resp);
  if (request == http::Likeness::Yes || response == http::Likeness::Yes) return Probe::Certain;
  return request == http::Likeness::No && response == http::Likeness::No ? Probe::NotForUs : Probe::Unsure;
}

std::span<const uint16_t> http_ports() {
  static constexpr std::array<uint16_t, 8> kPorts{80, 81, 631, 1080, 3128, 8000, 8080, 8888};
  return kPorts;
}

std::unique_ptr<Analyzer> make_http_analyzer() {
  return std::make_unique<HttpAnalyzer>();
}

}  // namespace sensor
