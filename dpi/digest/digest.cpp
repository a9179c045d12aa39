#include "dpi/digest/digest.h"

#include <openssl/evp.h>

#include <array>
#include <cassert>
#include <memory>

#include "sensor/base/hex.h"

namespace sensor::digest {
namespace {

/// The algorithm is looked up once by the caller, and the context kept: both cost more than the hash of a short text.
std::string digest(EVP_MD* algorithm, Bytes in, char separator) {
  struct Free {
    void operator()(EVP_MD_CTX* c) const { EVP_MD_CTX_free(c); }
  };
  thread_local const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
  std::array<uint8_t, EVP_MAX_MD_SIZE> out{};
  unsigned length = 0;
  [[maybe_unused]] const bool done = EVP_DigestInit_ex2(context.get(), algorithm, nullptr) == 1 &&
                                     EVP_DigestUpdate(context.get(), in.data(), in.size()) == 1 &&
                                     EVP_DigestFinal_ex(context.get(), out.data(), &length) == 1;
  assert(done);
  return hex(Bytes(out).first(length), separator);
}

}  // namespace

std::string md5(Bytes in, char separator) {
  static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "MD5", nullptr);
  return digest(algorithm, in, separator);
}

std::string sha256(Bytes in) {
  static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return digest(algorithm, in, 0);
}

}  // namespace sensor::digest
