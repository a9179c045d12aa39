// Reads records back out of a batch: the log thread's side of record_writer.h.
#pragma once

#include <optional>
#include <span>

#include "sensor/record/record_writer.h"

namespace sensor {

/// One value of a decoded record. Bytes point into the batch (or into a computed column's buffer) and live as long as it does.
struct Cell {
  bool present = false;
  uint64_t number = 0;  // time, interval, int, double: bit pattern of the value; count, port, bool: the value; containers: elements
  Bytes data;           // string, enum: characters; addr: 4 or 16 bytes; uid: empty when unset, else 13 bytes; containers: encoded elements

  int64_t as_signed() const { return static_cast<int64_t>(number); }
  std::string_view chars() const { return as_chars(data); }
  /// The address of an addr cell.
  IpAddress address() const { return IpAddress::from_bytes(data); }
  /// The identifier of a uid cell; unset when the cell is.
  Uid uid() const;
};

/// Walks the records of a batch.
class RecordCursor {
 public:
  explicit RecordCursor(Bytes batch) : in_(batch) {}
  /// The next record; false at the end, or where the bytes are no record (malformed() tells).
  bool next(RecordHeader& header, Bytes& fields);
  bool malformed() const { return malformed_; }
  /// Where the next record begins.
  size_t position() const { return in_.position(); }

 private:
  ByteReader in_;
  bool malformed_ = false;
};

/// Fills one cell per column of `log`; computed columns are left unset. False when the bytes are no record of this log.
/// `cells` has at least as many elements as the log has columns.
bool decode_fields(const LogInfo& log, Bytes fields, std::span<Cell> cells);
/// decode_fields(), or what does the same faster for one of the logs that have many rows.
using FieldsDecoder = bool (*)(const LogInfo& log, Bytes fields, std::span<Cell> cells);
FieldsDecoder decoder_of(const LogInfo& log);
/// Reads one value of a type, as in a container's data; false when the bytes end early.
bool decode_value(FieldType type, ByteReader& in, Cell& cell);

/// The characters of a uid: its prefix and 17 base62 digits.
inline constexpr size_t kUidChars = 18;
/// Writes a set uid as kUidChars characters; returns the end.
char* write_uid(const Uid& uid, char* out);
std::string to_string(const Uid& uid);

}  // namespace sensor
