// Replays files and keeps what came, for the tests of this folder.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "capture_builder.h"
#include "sensor/capture/pcap_file.h"
#include "temp_dir.h"

namespace sensor::test {

struct Seen {
  std::string data;
  TimeNs ts_ns;
  uint32_t wire_len;
  unsigned link;
};

struct Replay {
  std::vector<Seen> packets;
  PacketSource::State state = PacketSource::State::Running;
  Error error;
  bool opened = false;
  CaptureProgress progress;
  std::vector<LinkType> unfilterable_at_start, unfilterable;
  uint64_t read = 0, bytes = 0, delivered = 0, filtered = 0, cut = 0;

  std::string all() const {
    std::string s;
    for (const auto& p : packets) s += p.data + "|";
    return s;
  }
};

inline Replay replay(std::vector<std::string> files, std::string filter = {}) {
  Replay r;
  auto source = PcapFileSource::open({.files = std::move(files), .filter = std::move(filter)});
  if (!source) {
    r.error = source.error();
    return r;
  }
  r.opened = true;
  PcapFileSource& s = *source.value();
  r.unfilterable_at_start.assign(s.unfilterable_links().begin(), s.unfilterable_links().end());
  while (s.state() == PacketSource::State::Running) {
    const PacketBatch batch = s.poll();
    for (const auto& p : batch.packets())
      r.packets.push_back({std::string(as_chars(p.data)), p.ts_ns, p.wire_len, static_cast<unsigned>(p.link)});
  }
  r.state = s.state();
  if (r.state == PacketSource::State::Failed) r.error = s.error();
  r.progress = s.progress();
  r.unfilterable.assign(s.unfilterable_links().begin(), s.unfilterable_links().end());
  r.read = s.counters().get(CaptureCounter::PacketsRead);
  r.bytes = s.counters().get(CaptureCounter::BytesRead);
  r.delivered = s.counters().get(CaptureCounter::PacketsDelivered);
  r.filtered = s.counters().get(CaptureCounter::PacketsFiltered);
  r.cut = s.counters().get(CaptureCounter::PacketsCut);
  EXPECT_EQ(r.delivered, r.packets.size());
  EXPECT_EQ(r.read, r.delivered + r.filtered);
  return r;
}

/// A file of the given content, replayed.
inline Replay replay_bytes(std::string_view content, std::string filter = {}) {
  const TempDir dir;
  return replay({dir.write("capture", content)}, std::move(filter));
}

}  // namespace sensor::test
