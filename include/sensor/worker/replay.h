// Capture files through one or several workers.
#pragma once

#include <atomic>
#include <memory>
#include <span>

#include "sensor/capture/packet_source.h"
#include "sensor/worker/worker.h"

namespace sensor {

/// Reads a source to its end and hands its packets to workers, whose logs are the same however many there are.
///
/// One worker: the calling thread reads and works. Several: the calling thread distributes; a packet goes to the worker chosen by the
/// address pair, so that both directions of a connection, its fragments and related connections meet; tunnels all go to the first worker,
/// because a connection may come through several. Every worker
/// sees every batch, because the times of other workers' packets move its clock too.
class Replay {
 public:
  /// `source` and `workers` outlive the replay. `decode`: as the workers decode. `duration_ns`: stop after this much packet time; 0: never.
  Replay(PacketSource& source, std::span<const std::unique_ptr<Worker>> workers, DecodeOptions decode, DurationNs duration_ns)
      : source_(source), workers_(workers), decode_(decode), duration_ns_(duration_ns) {}

  /// Returns when the source has ended or stop() was called, and all workers have finished. The source's state tells how it ended.
  void run();
  /// Ends the reading after the batch at hand. Any thread; async-signal-safe.
  void stop() { stop_.store(true, std::memory_order_relaxed); }

 private:
  /// The next batch to be handled; an empty one is the end.
  PacketBatch next();
  void run_alone();
  void distribute();

  PacketSource& source_;
  std::span<const std::unique_ptr<Worker>> workers_;
  DecodeOptions decode_;
  DurationNs duration_ns_;
  TimeNs first_ns_ = -1;
  bool past_end_ = false;
  std::atomic<bool> stop_{false};
};

}  // namespace sensor
