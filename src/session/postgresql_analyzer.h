// PostgreSQL on one connection: a row of postgresql.log for each request; what follows an agreement to TLS goes on as TLS.
#pragma once

#include <array>
#include <optional>

#include "dpi/postgresql/reader.h"
#include "sensor/record/postgresql.h"
#include "sensor/session/analyzer.h"
#include "sensor/session/protocols.h"

namespace sensor {

class PostgresqlAnalyzer final : public Analyzer, private postgresql::Sink {
 public:
  /// Longer texts are cut off, so that a row fits into a record batch.
  static constexpr size_t kMaxText = 16 * 1024, kMaxName = 1024;

  PostgresqlAnalyzer() : reader_(*this) {}

  void on_data(AnalyzerContext& c, Direction d, Bytes bytes) override;
  /// Where the next message begins is not known any more.
  void on_gap(AnalyzerContext& c, Direction d, uint64_t bytes) override;
  void on_eof(AnalyzerContext& c, Direction d) override;
  void on_finish(AnalyzerContext& c) override;

 private:
  void on_ssl_request() override;
  void on_ssl_reply(char answer) override;
  void on_startup_parameter(std::string_view name, std::string_view value) override;
  void on_startup() override;
  void on_query(std::string_view text) override;
  void on_terminate() override;
  void on_authentication_request(uint32_t kind) override;
  void on_authenticated() override;
  void on_error(const std::vector<postgresql::Field>& fields) override;
  void on_notice(const std::vector<postgresql::Field>& fields) override;
  void on_row() override;
  void on_ready(char status) override;
  void on_violation(std::string_view reason) override { c_->violation(reason); }

  PostgresqlRecord& row();
  void write();

  postgresql::Reader reader_;
  AnalyzerContext* c_ = nullptr;  // valid during a call from the session
  std::optional<PostgresqlRecord> row_;
  std::optional<std::string> user_, database_, application_name_;
  std::optional<uint64_t> rows_;
  bool tls_follows_ = false;
};

inline constexpr std::array<uint16_t, 1> kPostgresqlPorts{5432};
Probe probe_postgresql(const ProbeInput& in);

}  // namespace sensor
