#include "sensor/record/decoder.h"

#include <cassert>

#include "sensor/record/conn.h"
#include "sensor/record/dns.h"
#include "sensor/record/files.h"
#include "sensor/record/http.h"
#include "sensor/record/ssl.h"
#include "sensor/record/weird.h"

namespace sensor {
namespace {

inline uint64_t varint(ByteReader& in) {
  uint64_t v = in.u8();
  if (v < 0x80) return v;
  v &= 0x7f;
  for (unsigned shift = 7; shift < 64; shift += 7) {
    const uint8_t b = in.u8();
    v |= static_cast<uint64_t>(b & 0x7f) << shift;
    if (b < 0x80) return v;
  }
  in.fail();
  return 0;
}

uint64_t unzigzag(uint64_t v) {
  return (v >> 1) ^ (~(v & 1) + 1);
}

/// Reads one value; a reader that fails says so itself. Inlined, so that the reader stays in registers: it is called for every value of
/// every log.
[[gnu::always_inline]] inline Cell read_value(FieldType type, ByteReader& in) {
  switch (type) {
    case FieldType::Time:
    case FieldType::FarTime:
    case FieldType::Interval:
    case FieldType::Double:
      return {true, in.u64le(), {}};
    case FieldType::Count:
      return {true, varint(in), {}};
    case FieldType::Int:
      return {true, unzigzag(varint(in)), {}};
    case FieldType::Bool:
      return {true, in.u8() != 0 ? 1u : 0u, {}};
    case FieldType::Port:
      return {true, in.u16le(), {}};
    case FieldType::Addr: {
      const uint8_t n = in.u8();
      if (n != 4 && n != 16) in.fail();
      return {true, 0, in.bytes(n)};
    }
    case FieldType::Uid:
      if (in.peek() != 0) return {true, 0, in.bytes(13)};
      in.skip(1);
      return {};
    case FieldType::String:
    case FieldType::Enum:
      return {true, 0, in.bytes(varint(in))};
  }
  return {};
}

/// A container and how many bytes it takes; an absent cell when the bytes are none.
Cell read_container(FieldType type, Bytes bytes, size_t& length) {
  ByteReader in(bytes);
  const uint64_t n = varint(in);
  if (n > in.remaining()) return {};  // every element takes at least a byte
  const size_t start = in.position();
  for (uint64_t i = 0; i < n && in.ok(); i++) (void)read_value(type, in);
  if (!in.ok()) return {};
  length = in.position();
  return {true, n, bytes.subspan(start, length - start)};
}

/// The presence bits; the next column's is the lowest.
uint64_t read_presence(const LogInfo& log, ByteReader& in) {
  uint64_t bits = 0;
  assert(log.presence_bytes <= sizeof bits);
  for (size_t i = 0; i < log.presence_bytes; i++) bits |= uint64_t{in.u8()} << (8 * i);
  return bits;
}

/// Reads what a record has for a column; `stored`: not computed.
[[gnu::always_inline]] inline Cell read_column(FieldType type, Container container, bool optional, bool stored, ByteReader& in,
                                               uint64_t& presence) {
  if (!stored) return {};
  if (optional) {
    const bool present = (presence & 1) != 0;
    presence >>= 1;
    if (!present) return {};
  }
  if (container == Container::One) return read_value(type, in);
  size_t length = 0;
  const Cell cell = read_container(type, in.rest(), length);
  if (!cell.present) in.fail();
  in.skip(length);
  return cell;
}

/// decode_fields() for a log whose columns are known when this is compiled: no loop, no switch.
template <class Record>
bool decode_record(const LogInfo& log, Bytes fields, std::span<Cell> cells) {
  ByteReader in(fields);
  uint64_t presence = read_presence(log, in);
  const auto read = [&]<class F>(const F&, Cell& cell) { cell = read_column(F::type, F::container, F::optional, F::stored, in, presence); };
  size_t i = 0;
  std::apply([&](const auto&... f) { (read(f, cells[i++]), ...); }, LogSchema<Record>::fields);
  return in.empty() && in.ok();
}

}  // namespace

Uid Cell::uid() const {
  ByteReader in(data);
  Uid u;
  u.prefix = static_cast<char>(in.u8());
  u.hi = in.u64le();
  u.lo = in.u32le();
  return in.ok() ? u : Uid{};
}

bool RecordCursor::next(RecordHeader& header, Bytes& fields) {
  if (in_.empty() || malformed_) return false;
  header.length = in_.u32le();
  header.log = in_.u16le();
  header.due_ns = static_cast<TimeNs>(in_.u64le());
  header.key.prefix = static_cast<char>(in_.u8());
  header.key.hi = in_.u64le();
  header.key.lo = in_.u32le();
  header.sequence = in_.u64le();
  malformed_ = !in_.ok() || header.length < RecordHeader::kSize;
  if (!malformed_) fields = in_.bytes(header.length - RecordHeader::kSize);
  malformed_ = malformed_ || !in_.ok();
  return !malformed_;
}

bool decode_value(FieldType type, ByteReader& in, Cell& cell) {
  cell = read_value(type, in);
  return in.ok();
}

bool decode_fields(const LogInfo& log, Bytes fields, std::span<Cell> cells) {
  ByteReader in(fields);
  uint64_t presence = read_presence(log, in);
  for (size_t i = 0; i < log.columns.size(); i++) {
    const ColumnInfo& c = log.columns[i];
    cells[i] = read_column(c.type, c.container, c.optional, c.compute == nullptr, in, presence);
  }
  return in.empty() && in.ok();
}

FieldsDecoder decoder_of(const LogInfo& log) {
  if (&log == &log_info<ConnRecord>()) return decode_record<ConnRecord>;
  if (&log == &log_info<DnsRecord>()) return decode_record<DnsRecord>;
  if (&log == &log_info<FilesRecord>()) return decode_record<FilesRecord>;
  if (&log == &log_info<HttpRecord>()) return decode_record<HttpRecord>;
  if (&log == &log_info<SslRecord>()) return decode_record<SslRecord>;
  if (&log == &log_info<WeirdRecord>()) return decode_record<WeirdRecord>;
  return decode_fields;
}

char* write_uid(const Uid& uid, char* out) {
  static constexpr char kDigits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  // Five digits at a time, so that 64 bits are divided by constants: as a remainder is smaller than 2^32, so is each `low`.
  static constexpr uint64_t k62to5 = 916132832;
  uint64_t high = uid.hi, low = uid.lo;
  const auto write = [out](uint32_t value, size_t first, size_t last) {
    for (size_t i = last; i >= first; i--, value /= 62) out[i] = kDigits[value % 62];
  };
  for (size_t last = 17; last > 2; last -= 5) {
    const uint64_t rest = high % k62to5 << 32 | low;
    high /= k62to5;
    low = rest / k62to5;
    write(static_cast<uint32_t>(rest % k62to5), last - 4, last);
  }
  write(static_cast<uint32_t>(low), 1, 2);  // 2^96 < 62^17: nothing is left of `high`
  out[0] = uid.prefix;
  return out + kUidChars;
}

std::string to_string(const Uid& uid) {
  if (uid.prefix == 0) return {};
  std::string s(kUidChars, ' ');
  write_uid(uid, s.data());
  return s;
}

}  // namespace sensor
