// What a row of conn.log costs: encoding it in the worker, and decoding and formatting it in the log thread.
#include <benchmark/benchmark.h>

#include <vector>

#include "bench/quiet_context.h"
#include "sensor/output/format.h"
#include "sensor/record/conn.h"

namespace sensor {
namespace {

ConnRecord connection() {
  ConnRecord r;
  r.ts = {1'700'000'000'123'456'789};
  r.uid = {0x123456789abcdef0, 0x12345678, 'C'};
  r.orig_h = IpAddress::v4(0x0a000001);
  r.resp_h = IpAddress::v4(0xc6336402);
  r.orig_p = {40000};
  r.resp_p = {443};
  r.proto = {"tcp"};
  r.service = "ssl";
  r.duration = Interval{12'345'678'901};
  r.orig_bytes = 1234;
  r.resp_bytes = 567'890;
  r.conn_state = "SF";
  r.local_orig = true;
  r.local_resp = false;
  r.history = "ShADadFf";
  r.orig_pkts = 100;
  r.orig_ip_bytes = 6434;
  r.resp_pkts = 400;
  r.resp_ip_bytes = 588'690;
  r.ip_proto = 6;
  r.app = "TLS.YouTube";
  r.app_category = "Media";
  r.app_confidence = "DPI";
  return r;
}

void BM_Encode(benchmark::State& state) {
  bench::NullSink sink;
  RecordWriter writer(sink, std::make_unique<RecordBatch>());
  const ConnRecord r = connection();
  for (auto _ : state) writer.write(r.ts.ns, r.uid, r);
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_Encode);

/// Keeps one batch.
class KeepingSink final : public RecordSink {
 public:
  std::unique_ptr<RecordBatch> exchange(std::unique_ptr<RecordBatch> full) override {
    batch = std::move(full);
    return std::make_unique<RecordBatch>();
  }
  void publish_watermark(TimeNs) override {}
  bool flush_wanted() const override { return false; }
  std::unique_ptr<RecordBatch> batch;
};

template <void (*Format)(const LogInfo&, std::span<const Cell>, TextBuffer&)>
void format(benchmark::State& state) {
  KeepingSink sink;
  RecordWriter writer(sink, std::make_unique<RecordBatch>());
  const ConnRecord r = connection();
  for (int i = 0; i < 100; i++) writer.write(r.ts.ns, r.uid, r);
  writer.flush();
  TextBuffer text;
  size_t bytes = 0;
  std::vector<Cell> cells;
  std::vector<char> computed;
  for (auto _ : state) {
    RecordCursor cursor(sink.batch->bytes());
    RecordHeader header;
    Bytes fields;
    text.clear();
    while (cursor.next(header, fields)) {
      const LogInfo& log = *log_by_id(header.log);
      cells.resize(log.columns.size());
      computed.resize(kMaxComputedChars * cells.size());
      decode_fields(log, fields, cells);
      compute_cells(log, cells, computed);
      Format(log, cells, text);
    }
    bytes += text.view().size();
  }
  state.SetItemsProcessed(100 * state.iterations());
  state.SetBytesProcessed(static_cast<int64_t>(bytes));
}
BENCHMARK(format<format_tsv_row>)->Name("BM_DecodeAndFormatTsv");
BENCHMARK(format<format_json_row>)->Name("BM_DecodeAndFormatJson");

}  // namespace
}  // namespace sensor
