// Batches of records: walked, decoded as every log there is, and formatted both ways.
#include <cstdint>
#include <cstdlib>

#include "sensor/output/format.h"
#include "sensor/record/decoder.h"
#include "sensor/record/registry.h"

using namespace sensor;

static void format(const LogInfo& log, Bytes fields) {
  std::vector<Cell> cells(log.columns.size());
  const bool good = decode_fields(log, fields, cells);
  if (decoder_of(log)(log, fields, cells) != good) std::abort();
  if (!good) return;
  std::vector<char> computed(kMaxComputedChars * cells.size());
  compute_cells(log, cells, computed);
  TextBuffer out;
  format_tsv_row(log, cells, out);
  format_json_row(log, cells, out);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // The first byte chooses a log, whose fields the rest may be; the rest may also be a batch.
  ByteReader in(Bytes(data, size));
  const auto logs = all_logs();
  const LogInfo& log = *logs[in.u8() % logs.size()];
  format(log, in.rest());
  RecordCursor cursor(in.rest());
  RecordHeader header;
  Bytes fields;
  while (cursor.next(header, fields)) format(*logs[header.log % logs.size()], fields);
  return 0;
}
