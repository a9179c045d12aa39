// A connection that takes note of nothing, so that only the analyzer is measured.
#pragma once

#include <memory>

#include "sensor/session/analyzer.h"
#include "sensor/session/file_analysis.h"

namespace sensor::bench {

/// Takes records and forgets them.
class NullSink final : public RecordSink {
 public:
  std::unique_ptr<RecordBatch> exchange(std::unique_ptr<RecordBatch> full) override {
    full->clear();
    return full;
  }
  void publish_watermark(TimeNs) override {}
  bool flush_wanted() const override { return false; }
};

class QuietContext final : public AnalyzerContext {
 public:
  explicit QuietContext(Transport transport, uint16_t resp_port) : transport_(transport) {
    header_.uid = {1, 1, 'C'};
    header_.orig_h = IpAddress::v4(0xc0000201);
    header_.resp_h = IpAddress::v4(0xc6336402);
    header_.orig_p = {40000};
    header_.resp_p = {resp_port};
  }
  const ConnHeader& conn() const override { return header_; }
  Transport transport() const override { return transport_; }
  TimeNs now() const override { return ++time_; }
  RecordWriter& records() override { return writer_; }
  FileAnalysis& files() override { return files_; }
  void confirm(std::string_view) override {}
  void violation(std::string_view) override {}
  void done() override {}
  void weird(std::string_view, std::string_view, std::string_view) override {}
  void hostname(std::string_view) override {}
  void start(ProtocolId, Direction, Bytes) override {}
  void start_detection(Direction, Bytes) override {}

  /// The next connection: another uid, so that its files are others.
  void next() { header_.uid.hi++; }

 private:
  Transport transport_;
  ConnHeader header_;
  mutable TimeNs time_ = 0;
  NullSink sink_;
  RecordWriter writer_{sink_, std::make_unique<RecordBatch>()};
  FileAnalysis files_;
};

}  // namespace sensor::bench
