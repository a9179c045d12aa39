#include "capture_file.h"

#include <fmt/format.h>

#include <algorithm>

namespace sensor {
namespace {

/// How far the first packet of a pcapng file is looked for before the replay begins.
constexpr uint64_t kHeaderSearchBytes = 16 << 20;
constexpr size_t kLookChunkBytes = 1 << 20;
static_assert(RecordParser::kMaxWanted < kLookChunkBytes);
/// 24 bytes tell every format.
constexpr size_t kHeadBytes = 24;

}  // namespace

Status CaptureParts::prepare(LinkType link) {
  if (filter.active()) return filter.prepare(link);
  if (links_.size() == kMaxLinks || std::ranges::find(links_, link) != links_.end()) return Ok{};
  links_.push_back(link);
  if (!can_filter(link)) unfilterable.push_back(link);
  return Ok{};
}

Result<CaptureFileInfo> look_at_file(const std::string& path, CaptureParts& parts) {
  CaptureFileInfo info{.path = path};
  const auto kind = inspect_path(path);
  if (!kind) return kind.error();
  const auto compiled = [&](const Status& s) { return s ? Result<CaptureFileInfo>(info) : s.error(); };
  if (!kind.value().regular) return compiled(parts.filter.check_syntax());
  info.regular = true;
  info.bytes = kind.value().bytes;
  ChunkPool pool(kLookChunkBytes, 2);
  auto opened = open_stream(path, pool);
  if (!opened) return opened.error();
  CaptureStream& s = *opened.value();
  Detected d = detect_format(s.window());
  while (d.kind == Detected::Kind::NeedMore && s.fill(kHeadBytes) == CaptureStream::Fill::More) d = detect_format(s.window());
  if (d.kind == Detected::Kind::NotCapture)
    return Error{Error::Usage, fmt::format("{} is not a capture file: {}", display_name(path), d.problem)};
  if (d.kind == Detected::Kind::NeedMore) return compiled(parts.filter.check_syntax());
  s.consume(d.header_bytes);
  PacketView first;
  Parsed p;
  do {
    p = d.parser->parse(s.window(), {&first, 1});
    s.consume(p.consumed);
  } while (p.packets == 0 && !p.bad && s.offset() < kHeaderSearchBytes && s.fill(p.wanted) == CaptureStream::Fill::More);
  if (p.packets != 0) info.first_ns = first.ts_ns;
  for (LinkType link : d.parser->link_types())
    if (const Status ok = parts.prepare(link); !ok) return ok.error();
  return compiled(d.parser->link_types().empty() ? parts.filter.check_syntax() : Ok{});
}

CaptureFile::~CaptureFile() {
  if (slot_ != nullptr) parts_.slots.release(slot_);
}

CaptureFile::Step CaptureFile::advance() {
  if (stream_ == nullptr) return open();
  if (parser_ == nullptr) return detect();
  return parse();
}

BatchSlot* CaptureFile::take(size_t packets) {
  if (packets == count_) return std::exchange(slot_, nullptr);
  BatchSlot* part = parts_.slots.take();
  if (part == nullptr) return nullptr;
  std::ranges::copy(burst().first(packets), part->packets.begin());
  part->chunk = slot_->chunk;
  part->chunk->ref();
  first_ += packets;
  count_ -= packets;
  return part;
}

CaptureFile::Step CaptureFile::open() {
  auto opened = open_stream(path_, parts_.chunks);
  if (!opened) return fail(fmt::format("could be read at the start and not now: {}", opened.error().message));
  stream_ = std::move(opened).value();
  return Step::Again;
}

CaptureFile::Step CaptureFile::detect() {
  Detected d = detect_format(stream_->window());
  if (d.kind == Detected::Kind::NeedMore) return fill(kHeadBytes);
  if (d.kind == Detected::Kind::NotCapture) return fail(fmt::format("is not a capture: {}", d.problem));
  parser_ = std::move(d.parser);
  stream_->consume(d.header_bytes);
  return Step::Again;
}

CaptureFile::Step CaptureFile::parse() {
  BatchSlot* slot = parts_.slots.take();
  if (slot == nullptr) return Step::Idle;
  const Parsed p = parser_->parse(stream_->window(), slot->packets);
  const bool filterable = prepare_filter();
  count_ = filterable ? pass_filter(std::span(slot->packets).first(p.packets)) : 0;
  if (count_ == 0) {
    parts_.slots.put_back(slot);
  } else {
    // The chunk is noted before the window moves: it may move on to the next chunk only in fill().
    slot->chunk = stream_->chunk();
    slot->chunk->ref();
    slot_ = slot;
    first_ = 0;
  }
  if (!filterable) return Step::End;
  stream_->consume(p.consumed);
  if (count_ > 0) return Step::Burst;
  if (p.packets > 0) return Step::Again;
  if (p.bad)
    return fail(fmt::format("is damaged {}: {}; what stands before it was processed; fetch the file again from where it was made", place(),
                            parser_->problem()));
  return fill(p.wanted);
}

/// Brings bytes, or ends the file: cleanly only between two records.
CaptureFile::Step CaptureFile::fill(size_t want) {
  switch (stream_->fill(want)) {
    case CaptureStream::Fill::More:
      return Step::Again;
    case CaptureStream::Fill::Idle:
      return Step::Idle;
    case CaptureStream::Fill::Failed:
      return fail(fmt::format("cannot be read on {}: {}; what stands before it was processed; fetch the file again from where it was made",
                              place(), stream_->problem()));
    case CaptureStream::Fill::End:
      break;
  }
  const size_t left = stream_->window().size();
  if (parser_ == nullptr && left == 0) return fail("is empty: not even a file header is there; capture it again");
  if (left > 0 || !parser_->between_records())
    return fail(
        fmt::format("breaks off {}, in the middle of a record: {} bytes are there and {} are due; what stands before it was processed; "
                    "copy the file again once its writer has closed it",
                    place(), left, want));
  return Step::End;
}

/// Filters in place and counts; returns how many packets stay.
size_t CaptureFile::pass_filter(std::span<PacketView> packets) {
  uint64_t bytes = 0, cut = 0;
  size_t kept = 0;
  const bool filtering = parts_.filter.active();
  for (const PacketView& p : packets) {
    bytes += p.data.size();
    cut += p.data.size() < p.wire_len;
    if (!filtering)
      kept++;
    else if (parts_.filter.matches(p))
      packets[kept++] = p;
  }
  packets_ += packets.size();
  auto& counters = parts_.counters;
  counters.add(CaptureCounter::PacketsRead, packets.size());
  counters.add(CaptureCounter::BytesRead, bytes);
  counters.add(CaptureCounter::PacketsDelivered, kept);
  counters.add(CaptureCounter::PacketsFiltered, packets.size() - kept);
  counters.add(CaptureCounter::PacketsCut, cut);
  return kept;
}

/// Compiles the filter for link types that came up since the last burst.
bool CaptureFile::prepare_filter() {
  const auto links = parser_->link_types();
  for (; links_prepared_ < links.size(); links_prepared_++) {
    const Status ok = parts_.prepare(links[links_prepared_]);
    if (ok) continue;
    fail(fmt::format("cannot be filtered {}: {}", place(), ok.error().message));
    return false;
  }
  return true;
}

CaptureFile::Step CaptureFile::fail(std::string_view what) {
  failure_ = fmt::format("the capture {} {}", display_name(path_), what);
  return Step::End;
}

std::string CaptureFile::place() const {
  const bool packed = !stream_->compression().empty();
  return fmt::format("at byte {}{}, after {} packets", stream_->offset(), packed ? " of its unpacked content" : "", packets_);
}

}  // namespace sensor
