// For unit tests of what the log thread makes of records: hands records to watchers, keeps the rows that they make.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "sensor/output/format.h"
#include "sensor/record/encoder.h"
#include "src/output/reduction.h"
#include "src/output/watch.h"

namespace sensor {

struct RowCollector : RowSink {
  /// Cells by column, as TSV has them; "log" has the log's name.
  using Row = std::map<std::string, std::string, std::less<>>;
  virtual ~RowCollector() = default;

  std::vector<Row> rows;
  WatchList watch;

  void write_row(const LogInfo& log, TimeNs, Bytes fields) override {
    std::vector<Cell> cells(log.columns.size());
    ASSERT_TRUE(decode_fields(log, fields, cells));
    std::vector<char> computed(kMaxComputedChars * cells.size());
    compute_cells(log, cells, computed);
    Row row{{"log", std::string(log.path)}};
    for (size_t i = 0; i < cells.size(); i++) {
      TextBuffer text;
      format_tsv_cell(log.columns[i], cells[i], text);
      row.emplace(log.columns[i].name, text.view());
    }
    rows.push_back(std::move(row));
  }
  template <class Record>
  void see(TimeNs t, const Record& r, bool kept = true) {
    const LogInfo& log = log_info<Record>();
    std::vector<uint8_t> bytes(10'000);
    RecordEncoder out(bytes);
    encode_fields(out, r);
    ASSERT_TRUE(out.ok());
    std::vector<Cell> cells(log.columns.size());
    ASSERT_TRUE(decode_fields(log, Bytes(bytes).first(out.size()), cells));
    for (const auto& watcher : watch.of(log)) watcher({t, cells, kept});
  }
  /// One column of the rows that were made since the last call.
  std::vector<std::string> take(std::string_view column) {
    std::vector<std::string> out;
    for (const Row& r : rows) out.push_back(r.find(column)->second);
    rows.clear();
    return out;
  }
};

/// A TCP connection's record from 10.0.0.1:50000.
template <class Record>
Record between(uint32_t orig, uint32_t resp, uint16_t port) {
  Record r;
  r.ts = {1'000'000 * kSecond};
  r.uid = {7, 7, 'C'};
  r.orig_h = IpAddress::v4(orig);
  r.orig_p = Port{50000};
  r.resp_h = IpAddress::v4(resp);
  r.resp_p = Port{port};
  r.ip_protocol = 6;
  return r;
}

}  // namespace sensor
