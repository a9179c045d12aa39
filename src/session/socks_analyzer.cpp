#include "src/session/socks_analyzer.h"

#include <utility>

namespace sensor {
namespace {

using socks::Status;

constexpr std::string_view kSource = "SOCKS";
constexpr uint8_t kVersion4 = 4, kVersion5 = 5;
constexpr uint8_t kUserPassword = 2;

std::string status_text(std::string_view known, uint8_t code) {
  return known.empty() ? "unknown-" + std::to_string(code) : std::string(known);
}

}  // namespace

SocksRecord& SocksAnalyzer::row(AnalyzerContext& c, uint8_t version) {
  if (!row_) {
    static_cast<ConnHeader&>(row_.emplace()) = c.conn();
    row_->ts = Time{c.now()};
    row_->version = version;
  }
  return *row_;
}

void SocksAnalyzer::on_data(AnalyzerContext& c, Direction d, Bytes bytes) {
  if (stopped_) return;
  if (opened()) {
    if (!std::exchange(handed_on_, true)) c.start_detection(d, bytes);
    return;
  }
  CarryOver& held = held_[index(d)];
  ByteReader r(held.join(bytes));
  while (!r.empty() && !done_[index(d)]) {
    const Status status = message(c, d, r);
    if (status == Status::NeedMore) break;
    if (status == Status::Ok) continue;
    stopped_ = true;
    held.clear();
    return c.violation("not a SOCKS message");
  }
  held.keep(done_[index(d)] ? Bytes{} : r.rest());
}

void SocksAnalyzer::on_gap(AnalyzerContext&, Direction, uint64_t) {
  if (!opened()) stopped_ = true;
}

void SocksAnalyzer::on_finish(AnalyzerContext& c) {
  if (row_ && confirmed_) c.records().write(c.now(), row_->uid, *row_);
}

Status SocksAnalyzer::message(AnalyzerContext& c, Direction d, ByteReader& r) {
  return d == Direction::Orig ? client_message(c, r) : server_message(c, r);
}

Status SocksAnalyzer::client_message(AnalyzerContext& c, ByteReader& r) {
  if (logging_in_) return login(c, r);
  const uint8_t version = r.rest()[0];
  if (version == kVersion5 && !method_chosen_) return socks::parse_methods(r);
  if (version == kVersion4 || version == kVersion5) return request(c, version, r);
  return Status::Malformed;
}

Status SocksAnalyzer::server_message(AnalyzerContext& c, ByteReader& r) {
  if (logging_in_) return login_reply(c, r);
  const uint8_t version = r.rest()[0];
  if (version == 0 && row_ && row_->version == kVersion4) return reply(c, kVersion4, r);  // SOCKS 4 replies begin with 0
  if (version != kVersion5) return Status::Malformed;
  if (method_chosen_) return reply(c, version, r);
  const Status status = socks::parse_method_choice(r, method_);
  if (status != Status::Ok) return status;
  constexpr uint8_t kNoLogin = 0, kRefused = 0xff;
  method_chosen_ = true;
  logging_in_ = method_ != kNoLogin && method_ != kRefused;
  return Status::Ok;
}

Status SocksAnalyzer::login(AnalyzerContext& c, ByteReader& r) {
  if (method_ != kUserPassword) {
    c.weird("socks5_unsupported_authentication_method", std::to_string(method_), kSource);
    r.skip(r.remaining());
    return Status::Ok;
  }
  socks::Credentials credentials;
  const Status status = socks::parse_credentials(r, credentials);
  if (status != Status::Ok) return status;
  if (credentials.version == 1) {
    row(c, kVersion5).user = credentials.user;
  } else {
    c.weird("socks5_unsupported_authentication", "method 2, version " + std::to_string(credentials.version), kSource);
  }
  return Status::Ok;
}

Status SocksAnalyzer::login_reply(AnalyzerContext& c, ByteReader& r) {
  uint8_t version = 0, code = 0;
  if (method_ != kUserPassword) {
    c.weird("socks5_unsupported_authentication_method", std::to_string(method_), kSource);
    r.skip(r.remaining());
  } else if (const Status status = socks::parse_credentials_reply(r, version, code); status != Status::Ok) {
    return status;
  } else if (version == 1) {
    row(c, kVersion5).status = status_text(socks::v5_status(code), code);
  } else {
    c.weird("socks5_unsupported_authentication", "method 2, version " + std::to_string(version), kSource);
  }
  logging_in_ = false;
  return Status::Ok;
}

Status SocksAnalyzer::request(AnalyzerContext& c, uint8_t version, ByteReader& r) {
  constexpr uint8_t kLastCommand = 3;
  socks::Endpoint to;
  const Status status = version == kVersion4 ? socks::parse_v4_request(r, to) : socks::parse_v5(r, to);
  if (status != Status::Ok) return status;
  if (version == kVersion5 && (to.reserved != 0 || to.code == 0 || to.code > kLastCommand)) return Status::Malformed;
  SocksRecord& record = row(c, version);
  record.request_host = to.address.host;
  record.request_name.reset();
  if (to.address.name) record.request_name = *to.address.name;
  record.request_p = Port{to.port};
  c.becomes_proxy(TunnelType::Socks);
  done_[0] = true;
  return Status::Ok;
}

Status SocksAnalyzer::reply(AnalyzerContext& c, uint8_t version, ByteReader& r) {
  socks::Endpoint from;
  const Status status = version == kVersion4 ? socks::parse_v4_reply(r, from) : socks::parse_v5(r, from);
  if (status != Status::Ok) return status;
  SocksRecord& record = row(c, version);
  record.status = status_text(version == kVersion4 ? socks::v4_status(from.code) : socks::v5_status(from.code), from.code);
  record.bound_host = from.address.host;
  record.bound_name.reset();
  if (from.address.name) record.bound_name = *from.address.name;
  record.bound_p = Port{from.port};
  confirmed_ = true;
  c.confirm("socks");
  done_[1] = true;
  return Status::Ok;
}

Probe probe_socks(const ProbeInput& in) {
  switch (socks::looks_like(in.orig, in.resp)) {
    case socks::Match::Yes:
      return Probe::Certain;
    case socks::Match::Unsure:
      return Probe::Unsure;
    case socks::Match::No:
      break;
  }
  return Probe::NotForUs;
}

}  // namespace sensor
