#include "src/session/postgresql_analyzer.h"

#include <utility>

namespace sensor {
namespace {

/// Adds to a list with commas, as far as there is room.
void append(std::optional<std::string>& list, std::string_view item, size_t limit) {
  if (!list) {
    list.emplace(item.substr(0, limit));
  } else if (list->size() < limit) {
    *list += ',';
    *list += item.substr(0, limit - list->size());
  }
}

std::string field_text(const postgresql::Field& f) {
  return postgresql::field_name(f.code) + "=" + std::string(f.value);
}

}  // namespace

void PostgresqlAnalyzer::on_data(AnalyzerContext& c, Direction d, Bytes bytes) {
  c_ = &c;
  reader_.feed(d == Direction::Orig, bytes);
  if (!reader_.stopped()) return;
  if (std::exchange(tls_follows_, false)) {
    c.start(ProtocolId::Tls, d, reader_.rest());
    c.done();
  }
}

void PostgresqlAnalyzer::on_gap(AnalyzerContext& c, Direction, uint64_t) {
  on_finish(c);
  c.done();
}

void PostgresqlAnalyzer::on_eof(AnalyzerContext& c, Direction d) {
  if (reader_.within(d == Direction::Orig)) c.violation("cut off PostgreSQL message");
}

void PostgresqlAnalyzer::on_finish(AnalyzerContext& c) {
  c_ = &c;
  write();
}

PostgresqlRecord& PostgresqlAnalyzer::row() {
  if (row_) return *row_;
  static_cast<ConnHeader&>(row_.emplace()) = c_->conn();
  row_->ts = Time{c_->now()};
  return *row_;
}

void PostgresqlAnalyzer::write() {
  if (!row_) return;
  row_->user = user_;
  row_->database = database_;
  row_->application_name = application_name_;
  c_->records().write(c_->now(), row_->uid, *row_);
  row_.reset();
}

void PostgresqlAnalyzer::on_ssl_request() {
  row().frontend = "ssl_request";
}

void PostgresqlAnalyzer::on_ssl_reply(char answer) {
  c_->confirm("postgresql");
  row().backend = "ssl_reply";
  row().backend_arg = std::string(1, answer);
  row().success = tls_follows_ = answer == 'S';
  write();
}

void PostgresqlAnalyzer::on_startup_parameter(std::string_view name, std::string_view value) {
  row();
  const std::string_view shown = value.substr(0, kMaxName);
  if (name == "user") user_ = shown;
  if (name == "database") database_ = shown;
  if (name == "application_name") application_name_ = shown;
}

void PostgresqlAnalyzer::on_startup() {
  c_->confirm("postgresql");
  row().frontend = "startup";
}

void PostgresqlAnalyzer::on_query(std::string_view text) {
  write();
  row().frontend = "simple_query";
  row().frontend_arg = text.substr(0, kMaxText);
  rows_ = 0;
}

void PostgresqlAnalyzer::on_terminate() {
  write();
  row().frontend = "terminate";
  write();
}

void PostgresqlAnalyzer::on_authentication_request(uint32_t kind) {
  PostgresqlRecord& r = row();
  if (r.backend && r.backend->ends_with("auth")) r.backend.reset();
  append(r.backend, "auth_request", kMaxName);
  append(r.backend_arg, postgresql::authentication_name(kind), kMaxText);
}

void PostgresqlAnalyzer::on_authenticated() {
  row().backend = "auth_ok";
  row().success = true;
}

void PostgresqlAnalyzer::on_error(const std::vector<postgresql::Field>& fields) {
  PostgresqlRecord& r = row();
  append(r.backend, "error", kMaxName);
  std::string all;
  for (const postgresql::Field& f : fields) all += (all.empty() ? "" : ",") + field_text(f);
  append(r.backend_arg, all, kMaxText);
  r.success = false;
  write();
}

void PostgresqlAnalyzer::on_notice(const std::vector<postgresql::Field>& fields) {
  for (const postgresql::Field& f : fields) append(row().backend_arg, field_text(f), kMaxText);
}

void PostgresqlAnalyzer::on_row() {
  row();
  rows_ = rows_.value_or(0) + 1;
}

/// The request before it is dealt with.
void PostgresqlAnalyzer::on_ready(char status) {
  if (!row_) return;
  if (!row_->success) row_->success = status != 'E';
  row_->rows = std::exchange(rows_, std::nullopt);
  write();
}

Probe probe_postgresql(const ProbeInput& in) {
  switch (postgresql::looks_like(in.orig, in.resp)) {
    case postgresql::Match::Yes:
      return Probe::Certain;
    case postgresql::Match::Unsure:
      return Probe::Unsure;
    case postgresql::Match::No:
      break;
  }
  return Probe::NotForUs;
}

}  // namespace sensor
