// MySQL on one connection: a row of mysql.log for the login and each command; what follows a request for TLS goes on as TLS.
#pragma once

#include <array>
#include <optional>

#include "dpi/mysql/mysql.h"
#include "sensor/record/mysql.h"
#include "sensor/session/analyzer.h"
#include "sensor/session/protocols.h"

namespace sensor {

class MysqlAnalyzer final : public Analyzer, private mysql::Sink {
 public:
  MysqlAnalyzer() : reader_(*this) {}

  void on_data(AnalyzerContext& c, Direction d, Bytes bytes) override;
  /// Where the next packet begins is not known any more.
  void on_gap(AnalyzerContext& c, Direction d, uint64_t bytes) override;
  void on_finish(AnalyzerContext& c) override;

 private:
  void on_greeting(std::string_view version) override;
  void on_ssl_request() override;
  void on_login(std::string_view user) override;
  void on_command(uint8_t command, std::string_view argument) override;
  void on_change_user(std::string_view user) override;
  void on_ok(uint32_t affected_rows) override;
  void on_error(std::string_view message) override;
  void on_end_of_result() override;
  void on_violation(std::string_view reason) override { c_->violation(reason); }

  void begin(std::string command, std::string_view argument);
  void write();

  mysql::Reader reader_;
  AnalyzerContext* c_ = nullptr;       // valid during a call from the session
  std::optional<MysqlRecord> row_;     // of what is not answered yet
  std::optional<std::string> server_;  // until a row has it
  bool tls_follows_ = false;
};

inline constexpr std::array<uint16_t, 2> kMysqlPorts{1434, 3306};
Probe probe_mysql(const ProbeInput& in);

}  // namespace sensor
