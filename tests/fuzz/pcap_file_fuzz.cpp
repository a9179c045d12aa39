// Capture files of any content: as a mapped file, and the same bytes through a pipe, which must give the same packets.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

#include "sensor/base/hash.h"
#include "sensor/capture/pcap_file.h"

namespace {

using sensor::PacketSource;
using sensor::PcapFileSource;

struct Outcome {
  bool opened = false;
  PacketSource::State state = PacketSource::State::Running;
  uint64_t packets = 0;
  uint64_t digest = 0;
};

Outcome replay(int fd) {
  Outcome o;
  auto source = PcapFileSource::open({.files = {fmt::format("/proc/self/fd/{}", fd)}, .filter = {}});
  o.opened = source.ok();
  if (!o.opened) return o;
  PcapFileSource& s = *source.value();
  while (s.state() == PacketSource::State::Running) {
    const sensor::PacketBatch batch = s.poll();
    for (const auto& p : batch.packets()) {
      if (p.ts_ns < 0 || p.ts_ns > int64_t{1} << 62 || p.data.size() > PcapFileSource::kMaxPacketBytes) std::abort();
      o.packets++;
      o.digest = sensor::mix64(o.digest ^ p.wire_len, static_cast<uint64_t>(p.ts_ns) ^ static_cast<uint64_t>(p.link));
      for (uint8_t b : p.data) o.digest = o.digest * 31 + b;
    }
  }
  o.state = s.state();
  return o;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > 60000) return 0;  // what a pipe holds
  const int file = ::memfd_create("fuzz", MFD_CLOEXEC);
  if (::write(file, data, size) != static_cast<ssize_t>(size)) std::abort();
  const Outcome mapped = replay(file);
  ::close(file);

  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0 || ::write(ends[1], data, size) != static_cast<ssize_t>(size)) std::abort();
  ::close(ends[1]);
  const Outcome piped = replay(ends[0]);
  ::close(ends[0]);
  // A file that is no capture is refused when it is opened, a pipe when it is read.
  const bool same_end = mapped.opened ? mapped.state == piped.state : piped.state == PacketSource::State::Failed;
  if (!piped.opened || !same_end || mapped.packets != piped.packets || mapped.digest != piped.digest) std::abort();
  return 0;
}
