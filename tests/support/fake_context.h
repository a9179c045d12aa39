// A connection for unit tests of analyzers: remembers what the analyzer says about it and keeps its records as text.
//
//   FakeContext c;
//   analyzer.on_data(c, Direction::Orig, bytes);
//   EXPECT_EQ(c.rows("dns").at(0).at("query"), "example.com");
#pragma once

#include <array>
#include <cassert>
#include <map>
#include <string>
#include <vector>

#include "sensor/output/format.h"
#include "sensor/record/decoder.h"
#include "sensor/session/analyzer.h"
#include "sensor/session/expectation.h"
#include "sensor/session/protocols.h"

namespace sensor {

/// Column name -> TSV text ("-" unset, "(empty)" empty). Hidden and computed columns are there as well.
using RowText = std::map<std::string, std::string, std::less<>>;

/// Keeps every record that is written as text, in the order of writing.
class RecordCatcher final : public RecordSink {
 public:
  struct Row {
    std::string path;
    TimeNs due_ns;
    Uid key;
    RowText cells;
  };

  RecordWriter& writer() { return writer_; }
  /// Records of one log, by its path ("dns").
  std::vector<RowText> rows(std::string_view path) {
    std::vector<RowText> out;
    for (const Row& r : all()) {
      if (r.path == path) out.push_back(r.cells);
    }
    return out;
  }
  const std::vector<Row>& all() {
    writer_.flush();
    return rows_;
  }

  std::unique_ptr<RecordBatch> exchange(std::unique_ptr<RecordBatch> full) override {
    RecordCursor cursor(full->bytes());
    RecordHeader header;
    Bytes fields;
    while (cursor.next(header, fields)) keep(header, fields);
    assert(!cursor.malformed());
    full->clear();
    return full;
  }
  void publish_watermark(TimeNs) override {}
  bool flush_wanted() const override { return false; }

 private:
  void keep(const RecordHeader& header, Bytes fields) {
    const LogInfo& log = *log_by_id(header.log);
    std::vector<Cell> cells(log.columns.size());
    [[maybe_unused]] const bool good = decode_fields(log, fields, cells);
    assert(good);
    std::vector<char> computed(kMaxComputedChars * cells.size());
    compute_cells(log, cells, computed);
    Row row{std::string(log.path), header.due_ns, header.key, {}};
    for (size_t i = 0; i < cells.size(); i++) {
      TextBuffer text;
      format_tsv_cell(log.columns[i], cells[i], text);
      row.cells.emplace(log.columns[i].name, text.view());
    }
    rows_.push_back(std::move(row));
  }

  std::vector<Row> rows_;
  RecordWriter writer_{*this, std::make_unique<RecordBatch>()};
};

class FakeContext : public AnalyzerContext {
 public:
  struct WeirdCall {
    std::string name, addl, source;
  };

  /// A TCP connection from 192.0.2.1:50000 to 198.51.100.2:80 that began at second 1,000,000; change what the test needs.
  FakeContext() {
    header.ts = {1'000'000 * kSecond};
    header.uid = {1, 1, 'C'};
    header.orig_h = IpAddress::v4(0xc0000201);
    header.orig_p = {50000};
    header.resp_h = IpAddress::v4(0xc6336402);
    header.resp_p = {80};
    header.ip_protocol = 6;
    now_ns = header.ts.ns;
  }

  ConnHeader header;
  Transport transport_protocol = Transport::Tcp;
  TimeNs now_ns = 0;
  FileAnalysis* file_analysis = nullptr;  // set by tests whose analyzer carries files

  std::vector<std::string> confirmed;  // services in the order of their first confirmation
  std::vector<std::string> violations;
  std::vector<WeirdCall> weirds;
  std::vector<std::string> hostnames;
  std::vector<ConfirmedProtocol> variants;
  std::vector<ProtocolId> started;
  std::string history;
  std::vector<TunnelType> proxies;
  int done_calls = 0;
  int detection_starts = 0;
  int inside_starts = 0;
  std::array<std::string, 2> inside;  // what analyzers unwrapped, by direction
  std::map<ProtocolId, Analyzer*> siblings;
  bool partial_connection = false;
  std::string handed_on;  // the rest of the piece at hand, by the last of them
  int role_flips = 0;
  std::vector<Expectation> expected;
  DurationNs allowed_idle_ns = 0;
  DurationNs idle_period_ns = 0, min_idle_ns = 0;

  std::vector<RowText> rows(std::string_view path) { return catcher.rows(path); }

  const ConnHeader& conn() const override { return header; }
  Transport transport() const override { return transport_protocol; }
  TimeNs now() const override { return now_ns; }
  RecordWriter& records() override { return catcher.writer(); }
  FileAnalysis& files() override {
    assert(file_analysis != nullptr);
    return *file_analysis;
  }
  void confirm(std::string_view service) override {
    for (const std::string& s : confirmed) {
      if (s == service) return;
    }
    confirmed.emplace_back(service);
  }
  void violation(std::string_view reason) override { violations.emplace_back(reason); }
  void confirm_carried(std::string_view service) override { confirm(service); }
  void deny_carried(std::string_view service) override { std::erase(confirmed, service); }
  void done() override { done_calls++; }
  void weird(std::string_view name, std::string_view addl, std::string_view source) override {
    weirds.push_back({std::string(name), std::string(addl), std::string(source)});
  }
  void variant(ConfirmedProtocol protocol) override { variants.push_back(protocol); }
  void hostname(std::string_view name) override { hostnames.emplace_back(name); }
  void flip_roles() override {
    std::swap(header.orig_h, header.resp_h);
    std::swap(header.orig_p, header.resp_p);
    role_flips++;
  }
  void add_history(char letter) override {
    if (history.find(letter) == std::string::npos) history += letter;
  }
  void end_when_idle(DurationNs period, DurationNs min_idle) override {
    idle_period_ns = period;
    min_idle_ns = min_idle;
  }
  void allow_idle(DurationNs timeout) override { allowed_idle_ns = timeout; }
  void expect(const Expectation& e) override { expected.push_back(e); }
  void becomes_proxy(TunnelType type) override { proxies.push_back(type); }
  void start_inside() override { inside_starts++; }
  void feed_inside(Direction d, Bytes bytes) override { inside[index(d)] += as_chars(bytes); }
  Analyzer* sibling(ProtocolId protocol) override {
    const auto it = siblings.find(protocol);
    return it == siblings.end() ? nullptr : it->second;
  }
  bool partial() const override { return partial_connection; }
  void start(ProtocolId protocol, Direction, Bytes) override { started.push_back(protocol); }
  void start_detection(Direction, Bytes rest) override {
    detection_starts++;
    handed_on = as_chars(rest);
  }

  RecordCatcher catcher;
};

}  // namespace sensor
