#include "run_parts.h"

#include <algorithm>
#include <cstdio>

namespace sensor {
namespace {

/// Full batches that a live worker can be ahead of the log thread: what it writes when many connections end at once.
constexpr size_t kLiveRingBatches = 128;

}  // namespace

Result<std::unique_ptr<Sensor>> Sensor::create(const Config& config, ReadAgain read_again) {
  const bool live = !config.interfaces.empty() || !config.dpdk_eal.empty();
  return live ? create_live(config, std::move(read_again)) : create_replay(config);
}

Result<std::unique_ptr<LogWriter>> create_logs(const Config& config, size_t workers, bool replay) {
  LogWriterOptions options;
  options.directory = config.log_dir;
  options.formats = config.log_format;
  options.rotation = rotation_of(config);
  options.workers = workers;
  options.replay = replay;
  options.notices = config.notices;
  options.side_writers_advance = true;
  if (!replay) options.ring_batches = kLiveRingBatches;
  options.report = [](const std::string& trouble) { std::fprintf(stderr, "sensor: %s\n", trouble.c_str()); };
  return LogWriter::create(std::move(options));
}

void LossList::add(const CounterInfo& info, uint64_t n) {
  if (n == 0) return;
  const auto it = std::ranges::find(all_, info.name, &Loss::first);
  if (it != all_.end())
    it->second += n;
  else
    all_.emplace_back(info.name, n);
}

void LossList::add_capture(const CounterBlock<CaptureCounter>& counters) {
  const auto add_one = [&](CaptureCounter c) { add(kCaptureCounterInfo[static_cast<size_t>(c)], counters.get(c)); };
  for (const CaptureCounter c : {CaptureCounter::PacketsFiltered, CaptureCounter::PacketsCut, CaptureCounter::InterfaceDown}) add_one(c);
  for (const CaptureCounter c : kCaptureDrops) add_one(c);
}

void LossList::add_worker(const Worker& worker) {
  worker.for_each_loss([this](const CounterInfo& info, uint64_t n) { add(info, n); });
}

void LossList::add_logs(const LogWriter& logs) {
  for (const LogCounter c : {LogCounter::LostOnWrite, LogCounter::Malformed, LogCounter::Late, LogCounter::Dropped, LogCounter::TooLarge})
    add(kLogCounters[static_cast<size_t>(c)], logs.get(c));
}

}  // namespace sensor
