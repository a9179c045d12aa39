// Builds capture files byte by byte, for tests.
#pragma once

#include <zlib.h>
#include <zstd.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sensor::test {

/// Appends integers in either byte order.
class ByteWriter {
 public:
  explicit ByteWriter(bool big_endian = false) : big_(big_endian) {}
  ByteWriter& u8(uint64_t v) { return put(v, 1); }
  ByteWriter& u16(uint64_t v) { return put(v, 2); }
  ByteWriter& u32(uint64_t v) { return put(v, 4); }
  ByteWriter& u64(uint64_t v) { return put(v, 8); }
  ByteWriter& raw(std::string_view s) {
    out_ += s;
    return *this;
  }
  ByteWriter& pad4() {
    while (out_.size() % 4 != 0) out_ += '\0';
    return *this;
  }
  const std::string& str() const { return out_; }

 private:
  ByteWriter& put(uint64_t v, int bytes) {
    for (int i = 0; i < bytes; i++) out_ += static_cast<char>(v >> 8 * (big_ ? bytes - 1 - i : i));
    return *this;
  }

  std::string out_;
  bool big_;
};

struct PcapShape {
  bool big_endian = false;
  uint32_t magic = 0xa1b2c3d4;
  uint32_t link = 1;
  uint32_t snaplen = 65535;
  uint16_t major = 2, minor = 4;
};

inline std::string pcap_header(const PcapShape& s = {}) {
  return ByteWriter(s.big_endian).u32(s.magic).u16(s.major).u16(s.minor).u32(0).u32(0).u32(s.snaplen).u32(s.link).str();
}

/// A record whose lengths are those of `data` unless `wire` says otherwise.
inline std::string pcap_record(uint32_t seconds, uint32_t fraction, std::string_view data, uint32_t wire = 0, const PcapShape& s = {}) {
  const uint64_t captured = data.size(), on_wire = wire == 0 ? data.size() : wire;
  const bool swapped = s.major == 543 || s.minor < 3;
  ByteWriter w(s.big_endian);
  w.u32(seconds).u32(fraction).u32(swapped ? on_wire : captured).u32(swapped ? captured : on_wire);
  if (s.magic == 0xa1b2cd34) w.u32(7).u16(0x0800).u8(1).u8(0);
  return w.raw(data).str();
}

inline std::string ng_block(uint32_t type, std::string_view body, bool big_endian = false) {
  ByteWriter padded;
  padded.raw(body).pad4();
  const auto length = static_cast<uint32_t>(padded.str().size() + 12);
  return ByteWriter(big_endian).u32(type).u32(length).raw(padded.str()).u32(length).str();
}

inline std::string ng_section(bool big_endian = false) {
  return ng_block(0x0a0d0d0a, ByteWriter(big_endian).u32(0x1a2b3c4d).u16(1).u16(0).u64(~0ULL).str(), big_endian);
}

inline std::string ng_option(uint16_t code, std::string_view value, bool big_endian = false) {
  return ByteWriter(big_endian).u16(code).u16(value.size()).raw(value).pad4().str();
}

inline std::string ng_interface(uint16_t link = 1, uint32_t snaplen = 0, std::string_view options = {}, bool big_endian = false) {
  return ng_block(1, ByteWriter(big_endian).u16(link).u16(0).u32(snaplen).raw(options).str(), big_endian);
}

inline std::string ng_packet(uint32_t interface, uint64_t ticks, std::string_view data, uint32_t wire = 0, bool big_endian = false) {
  return ng_block(6,
                  ByteWriter(big_endian)
                      .u32(interface)
                      .u32(ticks >> 32)
                      .u32(ticks & 0xffffffff)
                      .u32(data.size())
                      .u32(wire == 0 ? data.size() : wire)
                      .raw(data)
                      .str(),
                  big_endian);
}

inline std::string ng_simple_packet(std::string_view data, uint32_t wire = 0) {
  return ng_block(3, ByteWriter().u32(wire == 0 ? data.size() : wire).raw(data).str());
}

inline std::string ng_old_packet(uint16_t interface, uint64_t ticks, std::string_view data) {
  return ng_block(
      2, ByteWriter().u16(interface).u16(0).u32(ticks >> 32).u32(ticks & 0xffffffff).u32(data.size()).u32(data.size()).raw(data).str());
}

/// One gzip member.
inline std::string gzip(std::string_view plain) {
  z_stream z{};
  deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&z, plain.size()) + 32, '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  z.avail_in = static_cast<uInt>(plain.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  deflate(&z, Z_FINISH);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

/// One zstd frame with a checksum.
inline std::string zstd(std::string_view plain) {
  std::string out(ZSTD_compressBound(plain.size()), '\0');
  ZSTD_CCtx* c = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(c, ZSTD_c_checksumFlag, 1);
  out.resize(ZSTD_compress2(c, out.data(), out.size(), plain.data(), plain.size()));
  ZSTD_freeCCtx(c);
  return out;
}

}  // namespace sensor::test
