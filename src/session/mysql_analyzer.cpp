#include "src/session/mysql_analyzer.h"

#include <utility>

namespace sensor {

void MysqlAnalyzer::on_data(AnalyzerContext& c, Direction d, Bytes bytes) {
  c_ = &c;
  reader_.feed(d == Direction::Orig, bytes);
  if (!reader_.stopped()) return;
  if (tls_follows_) c.start(ProtocolId::Tls, d, reader_.rest());
  on_finish(c);
  c.done();
}

void MysqlAnalyzer::on_gap(AnalyzerContext& c, Direction, uint64_t) {
  on_finish(c);
  c.done();
}

void MysqlAnalyzer::on_finish(AnalyzerContext& c) {
  c_ = &c;
  write();
}

void MysqlAnalyzer::begin(std::string command, std::string_view argument) {
  static_cast<ConnHeader&>(row_.emplace()) = c_->conn();
  row_->ts = Time{c_->now()};
  row_->cmd = std::move(command);
  row_->arg = argument;
}

void MysqlAnalyzer::write() {
  if (row_) row_->server = std::exchange(server_, std::nullopt);
  if (row_) c_->records().write(c_->now(), row_->uid, *row_);
  row_.reset();
}

void MysqlAnalyzer::on_greeting(std::string_view version) {
  constexpr size_t kMaxVersion = 512;
  server_ = version.substr(0, kMaxVersion);
}

void MysqlAnalyzer::on_ssl_request() {
  c_->confirm("mysql");
  tls_follows_ = true;
}

void MysqlAnalyzer::on_login(std::string_view user) {
  c_->confirm("mysql");
  if (!row_) begin("login", user);
}

void MysqlAnalyzer::on_command(uint8_t command, std::string_view argument) {
  write();
  if (argument.ends_with('\0')) argument.remove_suffix(1);
  begin(mysql::command_name(command), argument);
  if (command == mysql::kQuit) write();  // has no answer
}

void MysqlAnalyzer::on_change_user(std::string_view user) {
  row_->arg = user;
}

void MysqlAnalyzer::on_ok(uint32_t affected_rows) {
  if (!row_) return;
  row_->success = true;
  row_->rows = affected_rows;
  write();
}

void MysqlAnalyzer::on_error(std::string_view message) {
  if (!row_) return;
  row_->success = false;
  row_->response = message;
  write();
}

void MysqlAnalyzer::on_end_of_result() {
  on_ok(0);
}

Probe probe_mysql(const ProbeInput& in) {
  switch (mysql::looks_like(in.orig, in.resp)) {
    case mysql::Match::Yes:
      return Probe::Certain;
    case mysql::Match::Unsure:
      return Probe::Unsure;
    case mysql::Match::No:
      break;
  }
  return Probe::NotForUs;
}

}  // namespace sensor
