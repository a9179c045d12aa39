// Domain names as they stand in messages: labels and compression pointers (RFC 1035 sections 3.1 and 4.1.4).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sensor/base/byte_reader.h"

namespace sensor::dns {

/// What a name made the reader notice; each bit stands for the weird of the same name.
enum class NameFault : uint8_t {
  None = 0,
  ChainTooDeep = 1,   // DNS_max_compression_chain_depth_exceeded
  TooLong = 2,        // DNS_NAME_too_long
  ForwardOffset = 4,  // DNS_label_forward_compress_offset
  PastPacket = 8,     // DNS_label_len_gt_pkt
  LabelTooLong = 16,  // DNS_label_too_long
  NoRoom = 32,        // DNS_label_len_gt_name_len
};

/// Text of one name: labels joined by dots, without the last dot, bytes as they came (the log writer escapes). The root is empty.
class Name {
 public:
  static constexpr size_t kCapacity = 512;        // bytes; longer names are cut at a label, with a weird
  static constexpr size_t kMaxPointerDepth = 20;  // pointers followed one after another

  std::string_view view() const { return {chars_.data(), size_}; }

  /// Replaces the text by the name at the reader's cursor and moves the cursor behind it. Pointers lead back into reader.whole().
  /// Always leaves a usable text: a fault ends the name where it occurs. `long_labels` admits labels of 64 to 255 bytes (NetBIOS).
  /// Letters become lower case; with `keep_case` only those behind a pointer. Returns the faults found, as bits of NameFault.
  /// Takes time linear in kCapacity, whatever the bytes.
  uint8_t read(ByteReader& in, bool long_labels, bool keep_case = false);

 private:
  void read_level(ByteReader& in, size_t depth);
  bool read_label(ByteReader& in, size_t depth);
  void follow_pointer(ByteReader& in, size_t pointer_at, uint8_t first_byte, size_t depth);
  void lower_all();
  void add_fault(NameFault f) { faults_ |= static_cast<uint8_t>(f); }

  std::array<char, kCapacity> chars_{};
  size_t size_ = 0;
  uint8_t faults_ = 0;
  bool long_labels_ = false, keep_case_ = false;
};

constexpr bool has(uint8_t faults, NameFault f) {
  return (faults & static_cast<uint8_t>(f)) != 0;
}

}  // namespace sensor::dns
