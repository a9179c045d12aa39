#include "sensor/capture/pcap_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <optional>

#include "batch_slots.h"
#include "bpf_filter.h"
#include "capture_stream.h"
#include "record_parser.h"

namespace sensor {
namespace {

constexpr size_t kChunkBytes = 1 << 20;
constexpr size_t kMaxChunks = PcapFileSource::kMaxStreamBytes / kChunkBytes;
/// After so many bursts of which nothing passed the filter, poll() lets its caller look at signals.
constexpr int kMaxEmptyBursts = 64;
/// How far the first packet of a pcapng file is looked for before the replay begins.
constexpr uint64_t kHeaderSearchBytes = 16 << 20;
static_assert(RecordParser::kMaxWanted < kChunkBytes);

}  // namespace

class PcapFileSource::Impl {
 public:
  explicit Impl(PcapFileOptions options) : files_(std::move(options.files)), filter_(std::move(options.filter)) {}

  Status check_files();
  /// Fills a slot with the next packets; nullptr when there are none now.
  BatchSlot* next_burst(size_t& packets);

  BatchSlots slots;
  CounterBlock<CaptureCounter> counters;
  State state = State::Running;
  Error error;
  CaptureProgress progress() const;

 private:
  enum class Step : uint8_t { Again, Idle, Burst };

  Status check_file(const std::string& path);
  Step advance(BatchSlot& slot, size_t& packets);
  bool open_next();
  Step detect();
  Step fill(size_t want);
  bool prepare_filter();
  size_t take_packets(std::span<PacketView> packets);
  void end_file();
  void fail_file(std::string what);
  void finish();
  std::string place() const;

  std::vector<std::string> files_;
  BpfFilter filter_;
  ChunkPool chunks_{kChunkBytes, kMaxChunks};
  // The file at hand.
  size_t next_file_ = 0;
  std::unique_ptr<CaptureStream> stream_;
  std::unique_ptr<RecordParser> parser_;
  size_t links_prepared_ = 0;
  uint64_t packets_of_file_ = 0;
  // All files.
  std::optional<Error> first_error_;
  size_t failed_files_ = 0;
  uint64_t bytes_total_ = 0;
  uint64_t bytes_of_done_files_ = 0;
  std::atomic<uint64_t> bytes_read_{0};
  std::atomic<uint32_t> files_done_{0};
};

// --- before the first packet

Status PcapFileSource::Impl::check_files() {
  if (files_.empty()) return Error{Error::Usage, "no capture file is given; name at least one, or - for standard input"};
  if (std::ranges::count(files_, "-") > 1) return Error{Error::Usage, "standard input is named twice as a capture file; name - once"};
  bool total_known = true;
  for (const auto& path : files_) {
    const auto kind = inspect_path(path);
    if (!kind) return kind.error();
    total_known = total_known && kind.value().regular;
    bytes_total_ += kind.value().bytes;
    const Status s = kind.value().regular ? check_file(path) : filter_.check_syntax();
    if (!s) return s;
  }
  if (!total_known) bytes_total_ = 0;
  return Ok{};
}

/// Reads the file's header, and a pcapng file's first interfaces for the filter. Damage is left for poll() to find.
Status PcapFileSource::Impl::check_file(const std::string& path) {
  ChunkPool pool(kChunkBytes, 2);
  auto opened = open_stream(path, pool);
  if (!opened) return opened.error();
  CaptureStream& s = *opened.value();
  Detected d = detect_format(s.window());
  while (d.kind == Detected::Kind::NeedMore && s.fill(24) == CaptureStream::Fill::More) d = detect_format(s.window());
  if (d.kind == Detected::Kind::NotCapture)
    return Error{Error::Usage, fmt::format("{} is not a capture file: {}", display_name(path), d.problem)};
  if (d.kind == Detected::Kind::NeedMore) return filter_.check_syntax();
  s.consume(d.header_bytes);
  PacketView first;
  Parsed p;
  do {
    p = d.parser->parse(s.window(), {&first, 1});
    s.consume(p.consumed);
  } while (p.packets == 0 && !p.bad && s.offset() < kHeaderSearchBytes && s.fill(p.wanted) == CaptureStream::Fill::More);
  for (LinkType link : d.parser->link_types())
    if (const Status ok = filter_.prepare(link); !ok) return ok;
  return d.parser->link_types().empty() ? filter_.check_syntax() : Ok{};
}

// --- packets

BatchSlot* PcapFileSource::Impl::next_burst(size_t& packets) {
  packets = 0;
  if (state != State::Running) return nullptr;
  BatchSlot* slot = slots.take();
  if (slot == nullptr) return nullptr;
  for (int i = 0; i < kMaxEmptyBursts && state == State::Running; i++) {
    const Step step = advance(*slot, packets);
    if (step == Step::Burst) return slot;
    if (step == Step::Idle) break;
  }
  slots.put_back(slot);
  return nullptr;
}

/// One step: opens a file, tells its format, parses a burst, or brings more bytes.
PcapFileSource::Impl::Step PcapFileSource::Impl::advance(BatchSlot& slot, size_t& packets) {
  if (stream_ == nullptr) {
    if (!open_next()) finish();
    return Step::Again;
  }
  if (parser_ == nullptr) return detect();
  const Parsed p = parser_->parse(stream_->window(), slot.packets);
  if (!prepare_filter()) return Step::Again;
  // The chunk is noted before the window moves: it may move on to the next chunk only in fill().
  slot.chunk = stream_->chunk();
  packets = take_packets(std::span(slot.packets).first(p.packets));
  if (packets > 0) slot.chunk->ref();
  stream_->consume(p.consumed);
  bytes_read_.store(bytes_of_done_files_ + stream_->disk_bytes(), std::memory_order_relaxed);
  if (packets > 0) return Step::Burst;
  if (p.packets > 0) return Step::Again;
  if (p.bad) {
    fail_file(fmt::format("is damaged {}: {}; what stands before it was processed; fetch the file again from where it was made", place(),
                          parser_->problem()));
    return Step::Again;
  }
  return fill(p.wanted);
}

PcapFileSource::Impl::Step PcapFileSource::Impl::detect() {
  Detected d = detect_format(stream_->window());
  if (d.kind == Detected::Kind::NeedMore) return fill(24);
  if (d.kind == Detected::Kind::NotCapture) {
    fail_file(fmt::format("is not a capture: {}", d.problem));
    return Step::Again;
  }
  parser_ = std::move(d.parser);
  stream_->consume(d.header_bytes);
  return Step::Again;
}

/// Brings bytes, or ends the file: cleanly only between two records.
PcapFileSource::Impl::Step PcapFileSource::Impl::fill(size_t want) {
  switch (stream_->fill(want)) {
    case CaptureStream::Fill::More:
      return Step::Again;
    case CaptureStream::Fill::Idle:
      return Step::Idle;
    case CaptureStream::Fill::Failed:
      fail_file(fmt::format("cannot be read on {}: {}; what stands before it was processed; fetch the file again from where it was made",
                            place(), stream_->problem()));
      return Step::Again;
    case CaptureStream::Fill::End:
      break;
  }
  const size_t left = stream_->window().size();
  if (parser_ == nullptr && left == 0)
    fail_file("is empty: not even a file header is there; capture it again");
  else if (left > 0 || !parser_->between_records())
    fail_file(
        fmt::format("breaks off {}, in the middle of a record: {} bytes are there and {} are due; what stands before it was processed; "
                    "copy the file again once its writer has closed it",
                    place(), left, want));
  else
    end_file();
  return Step::Again;
}

/// Filters in place and counts; returns how many packets stay.
size_t PcapFileSource::Impl::take_packets(std::span<PacketView> packets) {
  uint64_t bytes = 0, cut = 0;
  size_t kept = 0;
  const bool filtering = filter_.active();
  for (const PacketView& p : packets) {
    bytes += p.data.size();
    cut += p.data.size() < p.wire_len;
    if (!filtering)
      kept++;
    else if (filter_.matches(p))
      packets[kept++] = p;
  }
  packets_of_file_ += packets.size();
  counters.add(CaptureCounter::PacketsRead, packets.size());
  counters.add(CaptureCounter::BytesRead, bytes);
  counters.add(CaptureCounter::PacketsDelivered, kept);
  counters.add(CaptureCounter::PacketsFiltered, packets.size() - kept);
  counters.add(CaptureCounter::PacketsCut, cut);
  return kept;
}

/// Compiles the filter for link types that came up since the last burst.
bool PcapFileSource::Impl::prepare_filter() {
  const auto links = parser_->link_types();
  for (; links_prepared_ < links.size(); links_prepared_++) {
    const Status ok = filter_.prepare(links[links_prepared_]);
    if (ok) continue;
    fail_file(fmt::format("cannot be filtered {}: {}", place(), ok.error().message));
    return false;
  }
  return true;
}

// --- files

/// False when there are no more files. A file that cannot be opened any more counts as failed.
bool PcapFileSource::Impl::open_next() {
  if (next_file_ == files_.size()) return false;
  const std::string& path = files_[next_file_++];
  parser_.reset();
  links_prepared_ = 0;
  packets_of_file_ = 0;
  auto opened = open_stream(path, chunks_);
  if (opened)
    stream_ = std::move(opened).value();
  else
    fail_file(fmt::format("could be read at the start and not now: {}", opened.error().message));
  return true;
}

std::string PcapFileSource::Impl::place() const {
  const bool packed = !stream_->compression().empty();
  return fmt::format("at byte {}{}, after {} packets", stream_->offset(), packed ? " of its unpacked content" : "", packets_of_file_);
}

void PcapFileSource::Impl::fail_file(std::string what) {
  if (!first_error_) first_error_ = Error{Error::RunTime, fmt::format("the capture {} {}", display_name(files_[next_file_ - 1]), what)};
  failed_files_++;
  end_file();
}

void PcapFileSource::Impl::end_file() {
  if (stream_ != nullptr) bytes_of_done_files_ += stream_->disk_bytes();
  bytes_read_.store(bytes_of_done_files_, std::memory_order_relaxed);
  files_done_.fetch_add(1, std::memory_order_relaxed);
  stream_.reset();
}

void PcapFileSource::Impl::finish() {
  state = State::Finished;
  if (!first_error_) return;
  state = State::Failed;
  error = *first_error_;
  if (failed_files_ > 1) error.message += fmt::format(" ({} of {} files failed; this is the first)", failed_files_, files_.size());
}

CaptureProgress PcapFileSource::Impl::progress() const {
  return {.bytes_read = bytes_read_.load(std::memory_order_relaxed),
          .bytes_total = bytes_total_,
          .files_done = files_done_.load(std::memory_order_relaxed),
          .files_total = static_cast<uint32_t>(files_.size())};
}

// --- the source

Result<std::unique_ptr<PcapFileSource>> PcapFileSource::open(PcapFileOptions options) {
  auto impl = std::make_unique<Impl>(std::move(options));
  if (const Status ok = impl->check_files(); !ok) return ok.error();
  return std::unique_ptr<PcapFileSource>(new PcapFileSource(std::move(impl)));
}

PcapFileSource::PcapFileSource(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PcapFileSource::~PcapFileSource() = default;

PacketBatch PcapFileSource::poll() {
  size_t packets = 0;
  BatchSlot* slot = impl_->next_burst(packets);
  if (slot == nullptr) return {};
  return {this, std::span<const PacketView>(slot->packets).first(packets), reinterpret_cast<uintptr_t>(slot)};
}

void PcapFileSource::release(uint64_t token) {
  impl_->slots.release(reinterpret_cast<BatchSlot*>(static_cast<uintptr_t>(token)));
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
const CounterBlock<CaptureCounter>& PcapFileSource::counters() const {
  return impl_->counters;
}

}  // namespace sensor
