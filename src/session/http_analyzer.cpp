#include "http_analyzer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "dpi/mime/text.h"
#include "dpi/ndpi/ndpi_classifier.h"

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

/// At the first call from the session.
void HttpAnalyzer::open_log(AnalyzerContext& c) {
  if (const auto* outer = static_cast<HttpAnalyzer*>(c.sibling(ProtocolId::Http))) {
    log_ = outer->log_;
    inner_ = outer->reader_.handed_over();
  }
  if (!log_) log_ = std::make_shared<HttpLog>();
  log_->readers++;
}

void HttpAnalyzer::on_data(AnalyzerContext& c, Direction d, Bytes bytes) {
  if (c.partial()) return partial_lines(c, d, bytes);
  begin(c);
  piece_ = bytes;
  reader_.feed(side_of(d), bytes);
  piece_ = {};
}

/// Zeek does not read HTTP on a connection whose beginning it missed, but it notices odd line ends of the client.
void HttpAnalyzer::partial_lines(AnalyzerContext& c, Direction d, Bytes bytes) {
  if (d == Direction::Resp) return;
  begin(c);
  partial_bytes_ += bytes.size();
  if (reader_.split_only(bytes) || partial_bytes_ > kMaxPartialBytes) c.done();
}

void HttpAnalyzer::on_gap(AnalyzerContext& c, Direction d, uint64_t bytes) {
  begin(c);
  reader_.lost(side_of(d), bytes);
}

void HttpAnalyzer::on_eof(AnalyzerContext& c, Direction d) {
  begin(c);
  if (c.partial()) {
    reader_.end(side_of(d));
  } else {
    reader_.eof(side_of(d));
  }
}

/// Zeek reads no further in the messages at hand, whatever was on its way; within what HTTP opened it does.
void HttpAnalyzer::on_reset(AnalyzerContext& c) {
  if (log_ == nullptr || inner_) return;
  begin(c);
  reader_.finish();
}

void HttpAnalyzer::on_finish(AnalyzerContext& c) {
  begin(c);
  // Files may have been given up at a time before this one; then their types are known.
  if (!log_->pending.empty()) c.files().advance(c.records(), c.now());
  reader_.finish();
  if (log_->current != nullptr) c.files().close(c, c.files().find(file_id(Side::Client)));
  if (--log_->readers == 0) write_pending();
}

/// Zeek's rows stay with the connection: HTTP that is found in it once more goes on counting, and its responses meet these requests.
bool HttpAnalyzer::on_violated(AnalyzerContext& c) {
  begin(c);
  reader_.finish();
  if (log_->current != nullptr) c.files().close(c, c.files().find(file_id(Side::Client)));
  if (log_->depth > 0) return true;
  log_->readers--;
  return false;
}

/// The file of a partial response stays open beyond its message.
bool HttpAnalyzer::at_rest() const {
  constexpr uint64_t kMaxRemembered = (uint64_t{1} << (64 - http::Reader::kMemoryBits)) - 1;
  if (!log_ || !log_->pending.empty() || !reader_.at_rest() || log_->readers != 1 || log_->websocket) return false;
  if (log_->current == nullptr ? log_->depth == 0 : log_->current->row.status_code == 206U) return false;
  return log_->depth <= kMaxRemembered && log_->current_request == log_->depth && log_->current_response == log_->depth;
}

uint64_t HttpAnalyzer::sleep() const {
  return log_->depth << http::Reader::kMemoryBits | reader_.memory();
}

void HttpAnalyzer::wake(AnalyzerContext& c, uint64_t memory) {
  begin(c);
  log_->depth = log_->current_request = log_->current_response = memory >> http::Reader::kMemoryBits;
  reader_.restore(memory & ((uint64_t{1} << http::Reader::kMemoryBits) - 1));
}

/// Makes a transaction current; a new one where none with this number is pending.
void HttpAnalyzer::make_current(uint64_t number) {
  const auto [it, fresh] = log_->pending.try_emplace(number);
  HttpTransaction& t = it->second;
  if (fresh) {
    static_cast<ConnHeader&>(t.row) = c_->conn();
    t.row.ts = {c_->now()};
    t.row.trans_depth = t.serial = ++log_->depth;
  }
  log_->current = &t;
  log_->current_number = number;
}

/// Takes a transaction out of the pending ones. It stays current: files may still refer to it.
void HttpAnalyzer::release(uint64_t number) {
  const auto it = log_->pending.find(number);
  if (it == log_->pending.end()) return;
  const bool stays = log_->current == &it->second;
  auto taken = log_->pending.extract(it);
  if (!stays) return;
  log_->detached = std::move(taken);
  log_->current_number.reset();
}

void HttpAnalyzer::write(HttpTransaction& t) {
  if (c_->files().has_late_types() && (t.row.orig_fuids || t.row.resp_fuids))
    for (const auto& late : c_->files().take_late_types(t.row.uid)) note_type(late.is_orig, late.owner, late.mime_type);
  log_->software_told = log_->software_told || t.row.server || t.row.powered_by;
  c_->records().write(c_->now(), t.row.uid, t.row);
}

void HttpAnalyzer::write_pending() {
  for (auto& [number, t] : log_->pending)
    if (number != 0) write(t);
  log_->pending.clear();
  log_->current = nullptr;
  log_->current_number.reset();
}

/// Too many requests wait for a response: their rows are written as they are, and matching begins anew.
void HttpAnalyzer::flush_pipeline() {
  on_weird("HTTP_excessive_pipelining", {}, {});
  if (log_->current_response == 0) log_->current_response++;
  for (; log_->current_response < log_->current_request; log_->current_response++) {
    const auto it = log_->pending.find(log_->current_response);
    if (it == log_->pending.end()) continue;
    write(it->second);
    release(log_->current_response);
  }
}

void HttpAnalyzer::on_request(std::string_view method, std::string_view uri) {
  if (log_->current_request < log_->current_response) {
    on_weird("HTTP_response_before_request", {}, {});
    log_->current_request = log_->current_response;
  }
  if (log_->pending.size() > kMaxPending) flush_pipeline();
  log_->current_request++;
  select(Side::Client);
  log_->current->row.method = log_->current->take(method);
  log_->current->row.uri = log_->current->take(uri);
  if (std::find(kKnownMethods.begin(), kKnownMethods.end(), method) == kKnownMethods.end()) on_weird("unknown_HTTP_method", method, {});
  if (method == "CONNECT") c_->variant(ConfirmedProtocol::HttpConnect);
  if (mime::equals_nocase(uri.substr(0, 7), "http://")) c_->variant(ConfirmedProtocol::HttpProxy);
  if (uri.starts_with("/uri-res/N2R?urn:sha1:")) c_->variant(ConfirmedProtocol::Gnutella);
}

void HttpAnalyzer::on_response(http::Version version, uint32_t code, std::optional<std::string_view> reason) {
  // An interim response is followed by the real one, which belongs to the same request.
  const auto it = log_->pending.find(log_->current_response);
  if (it == log_->pending.end() || (it->second.row.status_code && !is_interim(it->second.row.status_code))) log_->current_response++;
  select(Side::Server);
  HttpRecord& row = log_->current->row;
  row.status_code = code;
  row.status_msg = log_->current->take(reason.value_or("<empty>"));
  row.version = version_text(version);
  if (!is_interim(code)) return;
  row.info_code = code;
  row.info_msg = row.status_msg;
}

void HttpAnalyzer::on_entity_begin(Side side) {
  select(side);
  (side == Side::Client ? log_->current->orig_entities : log_->current->resp_entities)++;
  log_->current->in_entity = true;
  log_->current->entity_filename.clear();
}

void HttpAnalyzer::on_entity_end(Side) {
  if (log_->current == nullptr) return;
  log_->current->in_entity = false;
  log_->current->entity_filename.clear();
}

void HttpAnalyzer::on_message_done(Side side, uint64_t body_length) {
  select(side);
  if (side == Side::Client) {
    log_->current->row.request_body_len = body_length;
    return;
  }
  log_->current->row.response_body_len = body_length;
  if (is_interim(log_->current->row.status_code)) return;
  write(*log_->current);
  release(log_->current_response);
}

void HttpAnalyzer::on_tunnel(size_t rest) {
  c_->becomes_proxy(TunnelType::Http);
  hand_on(rest);
}

void HttpAnalyzer::on_upgrade(std::string_view protocol, size_t rest) {
  if (!mime::equals_nocase(protocol, "websocket")) return hand_on(rest);
  websocket_established();
  c_->start(ProtocolId::Websocket, Direction::Resp, piece_.last(std::min(rest, piece_.size())));
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
  if (name == "exceeded_mime_max_header_bytes") c_->add_history('X');
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
