// MD5 and SHA-256 of short texts, as fingerprints use them, and hashes of what comes in pieces; OpenSSL does the work.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "sensor/base/byte_reader.h"

namespace sensor::digest {

/// In lower-case hexadecimal digits; `separator`, unless it is 0, between bytes.
std::string md5(Bytes in, char separator = 0);
std::string sha256(Bytes in);

enum class Algorithm : uint8_t { Md5, Sha1, Sha256 };
/// As Zeek names its file analyzers: "SHA256".
std::string_view name(Algorithm algorithm);

/// Hashes bytes that come one piece after the other.
class Hasher {
 public:
  explicit Hasher(Algorithm algorithm);
  void update(Bytes in);
  /// In lower-case hexadecimal digits. Once, at the end.
  std::string finish();
  Algorithm algorithm() const { return algorithm_; }

 private:
  struct Free {
    void operator()(void* context) const;
  };
  Algorithm algorithm_;
  std::unique_ptr<void, Free> context_;  // OpenSSL's EVP_MD_CTX
};

}  // namespace sensor::digest
