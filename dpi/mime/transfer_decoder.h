// Content transfer encodings (RFC 2045 section 6).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace sensor::mime {

/// Base64 over a stream of any division. Characters outside the alphabet are passed over, groups after padding are dropped.
class Base64Decoder {
 public:
  /// Appends what `text` completes to `out`.
  void feed(std::string_view text, std::string& out);
  /// The end: an unfinished group is padded with zero bits.
  void finish(std::string& out);
  /// Something was not base64; oddity() says what was noticed first.
  bool odd() const { return !oddity_.empty(); }
  const std::string& oddity() const { return oddity_; }

 private:
  void flush(std::string& out);
  void note(std::string text);

  std::array<uint8_t, 4> group_{};
  uint8_t filled_ = 0;
  uint8_t padding_ = 0;
  bool padded_ = false;  // a group with padding has passed
  std::string oddity_;
};

/// Appends one decoded line of quoted-printable text, with CR LF unless a soft line break ends it.
void decode_quoted_printable(std::string_view line, std::string& out);

}  // namespace sensor::mime
