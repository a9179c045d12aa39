#include "sensor/capture/pcap_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <optional>
#include <tuple>

#include "capture_file.h"

namespace sensor {
namespace {

constexpr size_t kChunkBytes = 1 << 20;
/// Each open file keeps one buffer; the others hold packets that are out.
size_t max_chunks(size_t files) {
  return PcapFileSource::kMaxStreamBytes / kChunkBytes + std::min(files, PcapFileSource::kMaxOpenFiles);
}
/// After so many steps without a packet, poll() lets its caller look at signals.
constexpr int kMaxEmptySteps = 64;

}  // namespace

class PcapFileSource::Impl {
 public:
  explicit Impl(const PcapFileOptions& options) : parts(options.filter, kChunkBytes, max_chunks(options.files.size())) {}

  Status look_at_files(const std::vector<std::string>& paths);
  /// The next packets, in a slot of theirs; an empty batch when there are none now.
  std::pair<BatchSlot*, std::span<const PacketView>> next_burst();
  CaptureProgress progress() const;

  CaptureParts parts;
  State state = State::Running;
  Error error;

 private:
  bool show_next_packets();
  CaptureFile* earliest(TimeNs& others_ns);
  void end_file(size_t i);
  void finish();
  void note_progress();

  std::vector<CaptureFileInfo> files_;  // by the time of their first packets
  size_t next_file_ = 0;
  std::vector<std::unique_ptr<CaptureFile>> open_;
  std::optional<Error> first_error_;
  size_t failed_files_ = 0;
  uint64_t bytes_total_ = 0;
  uint64_t bytes_of_done_files_ = 0;
  std::atomic<uint64_t> bytes_read_{0};
  std::atomic<uint32_t> files_done_{0};
};

Status PcapFileSource::Impl::look_at_files(const std::vector<std::string>& paths) {
  if (paths.empty()) return Error{Error::Usage, "no capture file is given; name at least one, or - for standard input"};
  if (std::ranges::count(paths, "-") > 1) return Error{Error::Usage, "standard input is named twice as a capture file; name - once"};
  bool total_known = true;
  for (const auto& path : paths) {
    auto info = look_at_file(path, parts);
    if (!info) return info.error();
    total_known = total_known && info.value().regular;
    bytes_total_ += info.value().bytes;
    files_.push_back(std::move(info).value());
  }
  if (!total_known) bytes_total_ = 0;
  std::ranges::stable_sort(files_, {}, [](const CaptureFileInfo& f) { return std::tie(f.first_ns, f.path); });
  return Ok{};
}

/// Opens the files that are due, and reads each open file up to a packet. False when one has none now, or when there was no end of
/// packets that the filter leaves out.
bool PcapFileSource::Impl::show_next_packets() {
  int steps = 0;
  for (size_t i = 0; i < open_.size();) {
    CaptureFile& file = *open_[i];
    if (!file.burst().empty()) {
      i++;
      continue;
    }
    if (steps++ == kMaxEmptySteps) return false;
    switch (file.advance()) {
      case CaptureFile::Step::Idle:
        return false;
      case CaptureFile::Step::End:
        end_file(i);
        break;
      case CaptureFile::Step::Again:
      case CaptureFile::Step::Burst:
        break;
    }
  }
  return true;
}

/// The open file whose next packet is the earliest, and the time at which another file comes before it.
CaptureFile* PcapFileSource::Impl::earliest(TimeNs& others_ns) {
  CaptureFile* first = nullptr;
  TimeNs first_ns = kMaxTimestampNs;
  others_ns = kMaxTimestampNs;
  for (const auto& file : open_) {
    const TimeNs ts = file->burst().front().ts_ns;
    if (first == nullptr || ts < first_ns) {
      if (first != nullptr) others_ns = first_ns;
      first = file.get();
      first_ns = ts;
    } else {
      others_ns = std::min(others_ns, ts);
    }
  }
  return first;
}

std::pair<BatchSlot*, std::span<const PacketView>> PcapFileSource::Impl::next_burst() {
  while (state == State::Running) {
    if (!show_next_packets()) break;
    TimeNs others_ns = 0;
    CaptureFile* file = earliest(others_ns);
    const bool more_files = next_file_ < files_.size() && open_.size() < kMaxOpenFiles;
    if (more_files && (file == nullptr || files_[next_file_].first_ns <= file->burst().front().ts_ns)) {
      open_.push_back(std::make_unique<CaptureFile>(files_[next_file_++].path, parts));
      continue;
    }
    if (file == nullptr) {
      finish();
      break;
    }
    if (more_files) others_ns = std::min(others_ns, files_[next_file_].first_ns);
    const auto burst = file->burst();
    size_t n = 1;
    while (n < burst.size() && burst[n].ts_ns < others_ns) n++;
    BatchSlot* slot = file->take(n);
    if (slot == nullptr) break;
    note_progress();
    // A slot that was taken whole keeps its packets where they were; a part begins at the front.
    return {slot, n == burst.size() ? burst : std::span<const PacketView>(slot->packets).first(n)};
  }
  return {};
}

void PcapFileSource::Impl::end_file(size_t i) {
  const CaptureFile& file = *open_[i];
  if (!file.failure().empty()) {
    if (!first_error_) first_error_ = Error{Error::RunTime, file.failure()};
    failed_files_++;
  }
  bytes_of_done_files_ += file.disk_bytes();
  open_.erase(open_.begin() + static_cast<ptrdiff_t>(i));
  note_progress();
  files_done_.fetch_add(1, std::memory_order_relaxed);
}

void PcapFileSource::Impl::finish() {
  state = State::Finished;
  if (!first_error_) return;
  state = State::Failed;
  error = *first_error_;
  if (failed_files_ > 1) error.message += fmt::format(" ({} of {} files failed; this is the first)", failed_files_, files_.size());
}

void PcapFileSource::Impl::note_progress() {
  uint64_t bytes = bytes_of_done_files_;
  for (const auto& file : open_) bytes += file->disk_bytes();
  bytes_read_.store(bytes, std::memory_order_relaxed);
}

CaptureProgress PcapFileSource::Impl::progress() const {
  return {.bytes_read = bytes_read_.load(std::memory_order_relaxed),
          .bytes_total = bytes_total_,
          .files_done = files_done_.load(std::memory_order_relaxed),
          .files_total = static_cast<uint32_t>(files_.size())};
}

// --- the source

Result<std::unique_ptr<PcapFileSource>> PcapFileSource::open(const PcapFileOptions& options) {
  auto impl = std::make_unique<Impl>(options);
  if (const Status ok = impl->look_at_files(options.files); !ok) return ok.error();
  return std::unique_ptr<PcapFileSource>(new PcapFileSource(std::move(impl)));
}

PcapFileSource::PcapFileSource(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PcapFileSource::~PcapFileSource() = default;

PacketBatch PcapFileSource::poll() {
  const auto [slot, packets] = impl_->next_burst();
  if (slot == nullptr) return {};
  return {this, packets, reinterpret_cast<uintptr_t>(slot)};
}

void PcapFileSource::release(uint64_t token) {
  impl_->parts.slots.release(reinterpret_cast<BatchSlot*>(static_cast<uintptr_t>(token)));
}

PacketSource::State PcapFileSource::state() const {
  return impl_->state;
}
const Error& PcapFileSource::error() const {
  return impl_->error;
}
CaptureProgress PcapFileSource::progress() const {
  return impl_->progress();
}
std::span<const LinkType> PcapFileSource::unfilterable_links() const {
  return impl_->parts.unfilterable;
}
const CounterBlock<CaptureCounter>& PcapFileSource::counters() const {
  return impl_->parts.counters;
}

}  // namespace sensor
