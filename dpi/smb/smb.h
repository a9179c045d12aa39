// What SMB 1 and SMB 2 have in common.
#pragma once

#include <cstdint>

#include "sensor/base/byte_reader.h"

namespace sensor::smb {

enum class Protocol : uint8_t {
  Other,  // compressed messages, or nothing known
  Smb1,
  Smb2,       // SMB 2 and 3
  Encrypted,  // an SMB 3 transform header (MS-SMB2 section 2.2.41); what follows cannot be read
};
/// By the first four bytes of a message.
Protocol protocol(Bytes message);
/// Whether an encrypted message is as long as its header.
bool has_transform_header(Bytes message);

/// Hundreds of nanoseconds since 1601 (MS-DTYP section 2.3.3). 0: not known.
using FileTime = uint64_t;
struct FileTimes {
  FileTime created = 0, accessed = 0;
  FileTime modified = 0;  // of the content
  FileTime changed = 0;   // of the content or the attributes
  bool operator==(const FileTimes&) const = default;
};
/// In the order of the wire.
inline FileTimes read_file_times(ByteReader& r) {
  FileTimes t;
  t.created = r.u64le();
  t.accessed = r.u64le();
  t.modified = r.u64le();
  t.changed = r.u64le();
  return t;
}

/// NT status codes (MS-ERREF section 2.3.1).
inline constexpr uint32_t kStatusSuccess = 0, kStatusPending = 0x103, kStatusNotifyEnumDir = 0x10c, kStatusBufferOverflow = 0x80000005,
                          kStatusInvalidParameter = 0xc000000d, kStatusMoreProcessingRequired = 0xc0000016;

/// `length` bytes at `offset` of a message; the reader fails where they are not there.
inline Bytes bytes_at(ByteReader& r, size_t offset, size_t length) {
  if (length == 0) return {};
  r.seek(offset);
  return r.bytes(length);
}

}  // namespace sensor::smb
