// One capture file while it is read.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "batch_slots.h"
#include "bpf_filter.h"
#include "capture_stream.h"
#include "record_parser.h"
#include "sensor/base/counters.h"
#include "sensor/capture/capture_counters.h"

namespace sensor {

/// What all files of a source use.
struct CaptureParts {
  CaptureParts(std::string expression, size_t chunk_bytes, size_t max_chunks)
      : filter(std::move(expression)), chunks(chunk_bytes, max_chunks) {}

  /// Gets ready for packets of a link type: Error as BpfFilter::prepare().
  Status prepare(LinkType link);

  BpfFilter filter;
  ChunkPool chunks;
  BatchSlots slots;
  CounterBlock<CaptureCounter> counters;
  std::vector<LinkType> unfilterable;  // where there is no filter: link types that could have none

 private:
  /// Link types that are looked at; libpcap knows fewer.
  static constexpr size_t kMaxLinks = 256;

  std::vector<LinkType> links_;
};

/// What a look at a file tells before the replay begins.
struct CaptureFileInfo {
  std::string path;
  bool regular = false;
  uint64_t bytes = 0;   // of a regular file
  TimeNs first_ns = 0;  // of the first packet; 0 where it is unknown: pipes, files without packets
};

/// Looks at a file's header and first packet, and prepares the parts for its link types; of pipes nothing is read. Damage is left for the
/// replay to find. Error{Usage} as PcapFileSource::open() says.
Result<CaptureFileInfo> look_at_file(const std::string& path, CaptureParts& parts);

/// The packets of one file, a burst at a time, those out that the filter leaves out. Belongs to the polling thread.
class CaptureFile {
 public:
  /// Burst: burst() holds packets. Again: there was something to do and there is more. Idle: nothing now. End: see failure().
  enum class Step : uint8_t { Again, Idle, Burst, End };

  CaptureFile(std::string path, CaptureParts& parts) : path_(std::move(path)), parts_(parts) {}
  ~CaptureFile();
  CaptureFile(const CaptureFile&) = delete;
  CaptureFile& operator=(const CaptureFile&) = delete;

  /// One step towards the next burst; only while there is none.
  Step advance();
  /// The packets that were not taken yet.
  std::span<const PacketView> burst() const {
    return slot_ == nullptr ? std::span<const PacketView>{} : std::span(slot_->packets).subspan(first_, count_);
  }
  /// Takes the first packets of burst(), at least one, with the slot that they lie in; nullptr when no slot is free.
  BatchSlot* take(size_t packets);
  /// Bytes of the file on disk that were used so far.
  uint64_t disk_bytes() const { return stream_ == nullptr ? 0 : stream_->disk_bytes(); }
  /// What went wrong, after End; empty when the file was read to its end.
  const std::string& failure() const { return failure_; }

 private:
  Step open();
  Step detect();
  Step fill(size_t want);
  Step parse();
  bool prepare_filter();
  size_t pass_filter(std::span<PacketView> packets);
  Step fail(std::string_view what);
  std::string place() const;

  std::string path_;
  CaptureParts& parts_;
  std::unique_ptr<CaptureStream> stream_;
  std::unique_ptr<RecordParser> parser_;
  size_t links_prepared_ = 0;
  uint64_t packets_ = 0;
  BatchSlot* slot_ = nullptr;  // null: no burst at hand
  size_t first_ = 0, count_ = 0;
  std::string failure_;
};

}  // namespace sensor
