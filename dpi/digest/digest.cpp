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

namespace {

EVP_MD_CTX* context_of(void* p) {
  return static_cast<EVP_MD_CTX*>(p);
}

const EVP_MD* algorithm_of(Algorithm a) {
  static EVP_MD* const algorithms[] = {EVP_MD_fetch(nullptr, "MD5", nullptr), EVP_MD_fetch(nullptr, "SHA1", nullptr),
                                       EVP_MD_fetch(nullptr, "SHA256", nullptr)};
  return algorithms[static_cast<size_t>(a)];
}

}  // namespace

std::string_view name(Algorithm algorithm) {
  constexpr std::string_view kNames[] = {"MD5", "SHA1", "SHA256"};
  return kNames[static_cast<size_t>(algorithm)];
}

void Hasher::Free::operator()(void* context) const {
  EVP_MD_CTX_free(context_of(context));
}

Hasher::Hasher(Algorithm algorithm) : algorithm_(algorithm), context_(EVP_MD_CTX_new()) {
  [[maybe_unused]] const int done = EVP_DigestInit_ex2(context_of(context_.get()), algorithm_of(algorithm), nullptr);
  assert(done == 1);
}

void Hasher::update(Bytes in) {
  [[maybe_unused]] const int done = EVP_DigestUpdate(context_of(context_.get()), in.data(), in.size());
  assert(done == 1);
}

std::string Hasher::finish() {
  std::array<uint8_t, EVP_MAX_MD_SIZE> out{};
  unsigned length = 0;
  [[maybe_unused]] const int done = EVP_DigestFinal_ex(context_of(context_.get()), out.data(), &length);
  assert(done == 1);
  return hex(Bytes(out).first(length), 0);
}

std::string sha256(Bytes in) {
  static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return digest(algorithm, in, 0);
}

}  // namespace sensor::digest
