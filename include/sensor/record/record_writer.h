// How a worker hands records to the log thread: binary, in batches, without formatting.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sensor/base/byte_reader.h"
#include "sensor/record/schema.h"

namespace sensor {

/// Writes a record's binary form. A worker owns one; it is not shared.
/// Record order: the log thread merges by (due, key, order of writing).
class RecordWriter {
 public:
  virtual ~RecordWriter() = default;

  /// `due` is the packet time at which the record became due (a timeout: its deadline); `key` the uid of its connection.
  template <class Record>
  void write(TimeNs due, const Uid& key, const Record& record);
};

}  // namespace sensor
