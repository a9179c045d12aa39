// The AnalyzerContext of a worker's session: one object, pointed at the connection and analyzer of the call at hand.
#pragma once

#include "conn_state.h"
#include "sensor/session/session.h"
#include "table_checks.h"

namespace sensor {

class SessionContext final : public AnalyzerContext {
 public:
  explicit SessionContext(Session& session) : session_(session) {}

  /// Every call until the next one is about this analyzer.
  void point_at(Flow& flow, ConnState& state, size_t analyzer) {
    flow_ = &flow;
    state_ = &state;
    analyzer_ = analyzer;
  }

  const ConnHeader& conn() const override { return state_->header; }
  Transport transport() const override { return flow_->transport; }
  TimeNs now() const override { return session_.now_; }
  RecordWriter& records() override { return session_.records_; }
  FileAnalysis& files() override { return *session_.files_; }
  void confirm(std::string_view service) override;
  void violation(std::string_view reason) override;
  void confirm_carried(std::string_view service) override;
  void deny_carried(std::string_view service) override;
  void done() override { attached().finished = true; }
  void weird(std::string_view name, std::string_view addl, std::string_view source) override;
  void hostname(std::string_view name) override { state_->host = name; }
  void variant(ConfirmedProtocol protocol) override { state_->variant = protocol; }
  void flip_roles() override;
  void add_history(char letter) override;
  void end_when_idle(DurationNs period, DurationNs min_idle) override;
  void allow_idle(DurationNs timeout) override;
  TimeNs table_entry_end(DurationNs lifetime) override { return session_.table_checks_->entry_end(session_.now_, lifetime); }
  void expect(const Expectation& expectation) override { session_.announce(expectation); }
  void becomes_proxy(TunnelType type) override;
  void start(ProtocolId protocol, Direction d, Bytes rest) override;
  void start_detection(Direction d, Bytes rest) override;
  void start_inside() override;
  void feed_inside(Direction d, Bytes bytes) override;
  Analyzer* sibling(ProtocolId protocol) override;
  bool partial() const override { return flow_->tcp_partial; }

 private:
  bool incomplete() const;
  bool forgives() const;
  void count_violation();
  ConnState::Attached& attached() { return state_->analyzers[analyzer_]; }

  Session& session_;
  Flow* flow_ = nullptr;
  ConnState* state_ = nullptr;
  size_t analyzer_ = 0;
};

}  // namespace sensor
