// Packets out of capture files: one file, or several as if they were one.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "sensor/base/counters.h"
#include "sensor/base/result.h"
#include "sensor/capture/capture_counters.h"
#include "sensor/capture/packet_source.h"

namespace sensor {

struct PcapFileOptions {
  /// Paths, in any order; "-" is standard input and may stand once.
  std::vector<std::string> files;
  /// BPF expression (pcap-filter(7)); empty: every packet. Compiled once for each link type that occurs.
  std::string filter;
};

/// How far a replay is, in bytes of the files as they lie on disk (compressed where they are).
struct CaptureProgress {
  uint64_t bytes_read = 0;
  uint64_t bytes_total = 0;  // 0 where standard input or a pipe takes part: unknown
  uint32_t files_done = 0;
  uint32_t files_total = 0;
};

/// Reads pcap (microseconds and nanoseconds, either byte order, the variants of the record header that libpcap reads) and pcapng
/// (draft-ietf-opsawg-pcapng: sections of either order, several interfaces with a link type, resolution and offset of their own;
/// enhanced, simple and old packet blocks, other blocks skipped). What a file is, and whether gzip or zstd wraps it, is told by its
/// content, never by its name.
///
/// Several files are one stream in the order of packet time, as mergecap(1) makes it: files that follow one another in time are read in a
/// row, files that overlap are read side by side, up to kMaxOpenFiles of them. Packets within a file keep their order.
///
/// Life of the bytes. A batch's packets and their bytes stay as they are until that PacketBatch ends. Batches may be moved to other
/// threads and end there, in any order, while this source is polled on; the source must outlive them all. At most kMaxBatchesOut
/// batches and kMaxStreamBytes (beside 1 MiB for each open file) are out at a time: beyond that poll() gives an empty batch and state()
/// stays Running until some end.
///
/// Damage. A file that ends in the middle of a record, or holds something that cannot be a record, gives every packet before that
/// place, is then left, and the files after it are still read in full, as tcpdump -V does. When all are read, state() is Failed and
/// error() tells the first damage: the file, the byte, what was found, what to do. A file without any byte counts as damaged. A
/// record longer than 256 KiB is damage (libpcap's limit); a packet longer than the snapshot length in the header of its pcap file
/// is cut to it, as libpcap does.
///
/// Timestamps lie between 0 and 2^62 ns whatever the file says. A simple packet block has no time: 0, as in libpcap.
class PcapFileSource final : public PacketSource {
 public:
  static constexpr size_t kBurst = 64;
  static constexpr size_t kMaxBatchesOut = 1024;
  static constexpr uint64_t kMaxStreamBytes = 32 << 20;
  static constexpr size_t kMaxOpenFiles = 256;
  static constexpr uint32_t kMaxPacketBytes = 256 << 10;

  /// Looks at every file's header and compiles the filter; of standard input and pipes nothing is read yet. Error{Usage} for a
  /// missing or unreadable file, a directory, a file that is no capture, a bad filter.
  static Result<std::unique_ptr<PcapFileSource>> open(const PcapFileOptions& options);
  ~PcapFileSource() override;

  /// Waits for a disk, but at most 100 ms for a pipe. Empty and still Running: nothing yet (an idle pipe, too many batches out, or a
  /// long run of packets that the filter leaves out): poll again.
  PacketBatch poll() override;
  State state() const override;
  const Error& error() const override;

  /// Link types of the files that libpcap can filter by no expression; those that their headers tell are there after open(), those of
  /// pipes and of later parts of pcapng files come while packets are polled. At most 256; none where there is a filter. In the thread
  /// that polls.
  std::span<const LinkType> unfilterable_links() const;
  /// Any thread.
  CaptureProgress progress() const;
  /// Any thread.
  const CounterBlock<CaptureCounter>& counters() const;

 private:
  class Impl;
  explicit PcapFileSource(std::unique_ptr<Impl> impl);
  void release(uint64_t token) override;

  std::unique_ptr<Impl> impl_;
};

}  // namespace sensor
