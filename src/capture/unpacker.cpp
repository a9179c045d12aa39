#include "unpacker.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cstring>

namespace sensor {
namespace {

bool is_gzip(Bytes head) {
  return head.size() >= 2 && head[0] == 0x1f && head[1] == 0x8b;
}

bool is_zstd(Bytes head) {
  ByteReader r(head);
  const uint32_t magic = r.u32le();
  return r.ok() && (magic == 0xfd2fb528 || (magic & 0xfffffff0) == 0x184d2a50);  // a frame, or a skippable one
}

class Verbatim final : public Unpacker {
 public:
  Step unpack(Bytes in, std::span<uint8_t> out) override {
    const size_t n = std::min(in.size(), out.size());
    if (n > 0) std::memcpy(out.data(), in.data(), n);
    return {.used = n, .made = n};
  }
  bool complete() const override { return true; }
  std::string_view name() const override { return {}; }
};

/// gzip, several members in a row included, zeros after the last one ignored (as gzip does).
class Gunzip final : public Unpacker {
 public:
  Gunzip() { ready_ = ::inflateInit2(&z_, kGzipOnly) == Z_OK; }
  ~Gunzip() override {
    if (ready_) ::inflateEnd(&z_);
  }

  Step unpack(Bytes in, std::span<uint8_t> out) override {
    if (!ready_) return {.bad = true};
    size_t padding = 0;
    if (between_members_) {
      while (padding < in.size() && in[padding] == 0 && !first_) padding++;
      if (padding == in.size()) return {.used = padding};
      if (::inflateReset(&z_) != Z_OK) return {.bad = true};
      between_members_ = first_ = false;
    }
    const Bytes rest = in.subspan(padding);
    z_.next_in = const_cast<Bytef*>(rest.data());
    z_.avail_in = static_cast<uInt>(rest.size());
    z_.next_out = out.data();
    z_.avail_out = static_cast<uInt>(out.size());
    const int rc = ::inflate(&z_, Z_NO_FLUSH);
    between_members_ = rc == Z_STREAM_END;
    const Step s{.used = in.size() - z_.avail_in, .made = out.size() - z_.avail_out, .bad = false};
    // What was unpacked before the damage is handed over first; the next call finds the damage again.
    const bool bad = rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR;
    return {.used = s.used, .made = s.made, .bad = bad && s.made == 0};
  }
  bool complete() const override { return between_members_; }
  std::string_view name() const override { return "gzip"; }

 private:
  static constexpr int kGzipOnly = 15 + 16;

  z_stream z_{};
  bool ready_ = false;
  bool between_members_ = true;
  bool first_ = true;
};

class Unzstd final : public Unpacker {
 public:
  Unzstd() : z_(::ZSTD_createDStream()) {}
  ~Unzstd() override { ::ZSTD_freeDStream(z_); }

  Step unpack(Bytes in, std::span<uint8_t> out) override {
    if (z_ == nullptr || failed_) return {.bad = true};
    ZSTD_inBuffer from{in.data(), in.size(), 0};
    ZSTD_outBuffer to{out.data(), out.size(), 0};
    const size_t rc = ::ZSTD_decompressStream(z_, &to, &from);
    failed_ = ::ZSTD_isError(rc) != 0;
    if (!failed_) between_frames_ = rc == 0;
    return {.used = from.pos, .made = to.pos, .bad = failed_ && to.pos == 0};
  }
  bool complete() const override { return between_frames_ && !failed_; }
  std::string_view name() const override { return "zstd"; }

 private:
  ZSTD_DStream* z_;
  bool failed_ = false;
  bool between_frames_ = true;
};

}  // namespace

std::unique_ptr<Unpacker> choose_unpacker(Bytes head) {
  if (is_gzip(head)) return std::make_unique<Gunzip>();
  if (is_zstd(head)) return std::make_unique<Unzstd>();
  return std::make_unique<Verbatim>();
}

}  // namespace sensor
