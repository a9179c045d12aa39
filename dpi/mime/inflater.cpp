#include "dpi/mime/inflater.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>

namespace sensor::mime {

Inflater::Inflater() : z_(std::make_unique<z_stream_s>()) {
  constexpr int kDetectHeader = 32;
  open(MAX_WBITS + kDetectHeader);
}
Inflater::~Inflater() {
  close();
}

bool Inflater::open(int window_bits) {
  *z_ = {};
  open_ = inflateInit2(z_.get(), window_bits) == Z_OK;
  return open_;
}
void Inflater::close() {
  if (open_) inflateEnd(z_.get());
  open_ = false;
}

Inflater::Status Inflater::feed(Bytes bytes, InflateSink& sink) {
  if (!open_) return Status::Ended;
  if (bytes.empty()) return Status::Running;
  bytes = bytes.first(std::min<size_t>(bytes.size(), std::numeric_limits<uInt>::max()));
  // A body may lack the zlib header that "deflate" promises: the first bytes of this piece decide, as long as nothing was accepted of it.
  bool may_restart = true;
  const auto give = [&] {
    z_->next_in = const_cast<Bytef*>(bytes.data());  // zlib's interface lacks the const; it does not write
    z_->avail_in = static_cast<uInt>(bytes.size());
  };
  give();
  in_ += bytes.size();
  std::array<uint8_t, 4096> buffer;
  while (true) {
    z_->next_out = buffer.data();
    z_->avail_out = static_cast<uInt>(buffer.size());
    const int status = inflate(z_.get(), Z_SYNC_FLUSH);
    if (status == Z_OK || status == Z_STREAM_END) {
      may_restart = false;
      const size_t have = buffer.size() - z_->avail_out;
      out_ += have;
      if (have > 0) sink.on_inflated(Bytes(buffer).first(have));
      if (status == Z_STREAM_END) {
        close();
        return Status::Ended;
      }
      if (out_ > kMaxOutput || (out_ > kRatioFloor && out_ / kMaxRatio > in_)) break;
      if (z_->avail_in == 0) return Status::Running;
    } else if (may_restart && status == Z_DATA_ERROR) {
      may_restart = false;
      close();
      if (!open(-MAX_WBITS)) break;
      give();
    } else {
      break;
    }
  }
  close();
  return Status::Failed;
}

}  // namespace sensor::mime
