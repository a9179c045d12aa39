// One writer's way to the log thread.
#pragma once

#include "sensor/base/batch_lane.h"
#include "sensor/record/record_writer.h"

namespace sensor {

/// The sink of one RecordWriter, on the rings of a BatchLane.
class RecordLane final : public RecordSink, public BatchLane<RecordBatch> {
 public:
  using BatchLane::BatchLane;

  std::unique_ptr<RecordBatch> exchange(std::unique_ptr<RecordBatch> full) override { return BatchLane::exchange(std::move(full)); }
  void publish_watermark(TimeNs t) override { BatchLane::publish_watermark(t); }
  bool flush_wanted() const override { return BatchLane::flush_wanted(); }
};

}  // namespace sensor
