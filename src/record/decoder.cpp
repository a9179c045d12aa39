#include "sensor/record/decoder.h"

#include "sensor/base/hash.h"

namespace sensor {
namespace {

uint64_t varint(ByteReader& in) {
  uint64_t v = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
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

bool decode_container(const ColumnInfo& column, ByteReader& in, Cell& cell) {
  const uint64_t n = varint(in);
  if (n > in.remaining()) return false;  // every element takes at least a byte
  const Bytes start = in.rest();
  Cell item;
  for (uint64_t i = 0; i < n; i++) {
    if (!decode_value(column.type, in, item)) return false;
  }
  cell = {true, n, start.first(start.size() - in.remaining())};
  return in.ok();
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
  cell = {true, 0, {}};
  switch (type) {
    case FieldType::Time:
    case FieldType::Interval:
    case FieldType::Double:
      cell.number = in.u64le();
      break;
    case FieldType::Count:
      cell.number = varint(in);
      break;
    case FieldType::Int:
      cell.number = unzigzag(varint(in));
      break;
    case FieldType::Bool:
      cell.number = in.u8() != 0 ? 1 : 0;
      break;
    case FieldType::Port:
      cell.number = in.u16le();
      break;
    case FieldType::Addr: {
      const uint8_t n = in.u8();
      if (n != 4 && n != 16) return false;
      cell.data = in.bytes(n);
      break;
    }
    case FieldType::Uid:
      if (in.peek() == 0) {
        in.skip(1);
        cell.present = false;
      } else {
        cell.data = in.bytes(13);
      }
      break;
    case FieldType::String:
    case FieldType::Enum: {
      const uint64_t n = varint(in);
      if (n > in.remaining()) return false;
      cell.data = in.bytes(n);
      break;
    }
  }
  return in.ok();
}

bool decode_fields(const LogInfo& log, Bytes fields, std::span<Cell> cells) {
  ByteReader in(fields);
  const Bytes bits = in.bytes(log.presence_bytes);
  if (!in.ok()) return false;
  size_t next = 0;
  for (size_t i = 0; i < log.columns.size(); i++) {
    const ColumnInfo& c = log.columns[i];
    cells[i] = {};
    if (c.compute != nullptr) continue;
    if (c.optional) {
      const size_t bit = next++;
      if ((bits[bit / 8] >> bit % 8 & 1) == 0) continue;
    }
    const bool good = c.container == Container::One ? decode_value(c.type, in, cells[i]) : decode_container(c, in, cells[i]);
    if (!good) return false;
  }
  return in.empty() && in.ok();
}

char* write_uid(const Uid& uid, char* out) {
  static constexpr char kDigits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  *out = uid.prefix;
  // 62^11 > 2^64 > 62^10: two words of nine and eight digits cover the 96 bits (62^17 > 2^96) with 64-bit divisions only.
  static constexpr uint64_t k62to9 = 13537086546263552ULL;
  const auto wide = static_cast<uint128>(uid.hi) << 32 | uid.lo;
  uint64_t high = static_cast<uint64_t>(wide / k62to9), low = static_cast<uint64_t>(wide % k62to9);
  for (int i = 17; i >= 9; i--, low /= 62) out[i] = kDigits[low % 62];
  for (int i = 8; i >= 1; i--, high /= 62) out[i] = kDigits[high % 62];
  return out + kUidChars;
}

std::string to_string(const Uid& uid) {
  if (uid.prefix == 0) return {};
  std::string s(kUidChars, ' ');
  write_uid(uid, s.data());
  return s;
}

}  // namespace sensor
