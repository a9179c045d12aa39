#include "dpi/quic/initial.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <cassert>
#include <memory>
#include <string_view>

namespace sensor::quic {
namespace {

using Secret = std::array<uint8_t, 32>;
using Salt = std::array<uint8_t, 20>;

constexpr Salt kSaltV1{0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17,
                       0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a};
constexpr Salt kSaltV2{0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93,
                       0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd, 0x2e, 0xd9};
constexpr Salt kSalt29{0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2, 0x4c, 0x9e, 0x97,
                       0x86, 0xf1, 0x9c, 0x61, 0x11, 0xe0, 0x43, 0x90, 0xa8, 0x99};
constexpr Salt kSalt23{0xc3, 0xee, 0xf7, 0x12, 0xc7, 0x2e, 0xbb, 0x5a, 0x11, 0xa7,
                       0xd2, 0x43, 0x2b, 0xb4, 0x63, 0x65, 0xbe, 0xf9, 0xf5, 0x02};
constexpr Salt kSalt22{0x7f, 0xbc, 0xdb, 0x0e, 0x7c, 0x66, 0xbb, 0xe9, 0x19, 0x3a,
                       0x96, 0xcd, 0x21, 0x51, 0x9e, 0xbd, 0x7a, 0x02, 0x64, 0x4a};

const Salt& salt_of(uint32_t v) {
  if (v == version::k2) return kSaltV2;
  if (v == version::kDraft22 || v == version::kMvfst1) return kSalt22;
  if ((v >= version::kDraft23 && v <= version::kDraft28) || (v >= version::kMvfst2 && v <= version::kMvfstLast)) return kSalt23;
  if (v >= version::kDraft29 && v <= version::kDraft32) return kSalt29;
  return kSaltV1;
}

struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* c) const { EVP_CIPHER_CTX_free(c); }
};
struct FreeMac {
  void operator()(EVP_MAC_CTX* c) const { EVP_MAC_CTX_free(c); }
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;
using MacContext = std::unique_ptr<EVP_MAC_CTX, FreeMac>;

/// Contexts keep what OpenSSL looks up by name; one of each per thread.
EVP_CIPHER_CTX* cipher_context(const char* name) {
  CipherContext made(EVP_CIPHER_CTX_new());
  EVP_CIPHER* cipher = EVP_CIPHER_fetch(nullptr, name, nullptr);
  EVP_CipherInit_ex2(made.get(), cipher, nullptr, nullptr, -1, nullptr);
  EVP_CIPHER_free(cipher);
  return made.release();
}

EVP_MAC_CTX* mac_context() {
  thread_local const MacContext context = [] {
    EVP_MAC* mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    MacContext made(EVP_MAC_CTX_new(mac));
    EVP_MAC_free(mac);
    char digest[] = "SHA256";
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0), OSSL_PARAM_construct_end()};
    EVP_MAC_CTX_set_params(made.get(), params);
    return made;
  }();
  return context.get();
}

Secret hmac(Bytes key, Bytes message) {
  EVP_MAC_CTX* mac = mac_context();
  Secret out{};
  size_t size = 0;
  [[maybe_unused]] const bool good = EVP_MAC_init(mac, key.data(), key.size(), nullptr) == 1 &&
                                     EVP_MAC_update(mac, message.data(), message.size()) == 1 &&
                                     EVP_MAC_final(mac, out.data(), &size, out.size()) == 1;
  assert(good && size == out.size());
  return out;
}

/// HKDF-Expand-Label (RFC 8446 section 7.1) for outputs that one block of HMAC covers.
template <size_t N>
std::array<uint8_t, N> expand_label(const Secret& secret, std::string_view label) {
  static_assert(N <= std::tuple_size_v<Secret>);
  constexpr std::string_view kPrefix = "tls13 ";
  std::vector<uint8_t> info;
  info.reserve(5 + kPrefix.size() + label.size());
  info.push_back(0);  // length, 16 bits
  info.push_back(N);
  info.push_back(static_cast<uint8_t>(kPrefix.size() + label.size()));
  info.insert(info.end(), kPrefix.begin(), kPrefix.end());
  info.insert(info.end(), label.begin(), label.end());
  info.push_back(0);  // no context
  info.push_back(1);  // first block
  const Secret block = hmac(secret, info);
  std::array<uint8_t, N> out;
  std::copy_n(block.begin(), N, out.begin());
  return out;
}

/// RFC 9001 section 5.4.3: one block of AES over the sample.
std::array<uint8_t, 16> header_mask(const InitialKeys& keys, Bytes sample) {
  thread_local const CipherContext aes(cipher_context("AES-128-ECB"));
  std::array<uint8_t, 16> mask{};
  int n = 0;
  EVP_EncryptInit_ex2(aes.get(), nullptr, keys.header_key.data(), nullptr, nullptr);
  EVP_CIPHER_CTX_set_padding(aes.get(), 0);
  EVP_EncryptUpdate(aes.get(), mask.data(), &n, sample.data(), static_cast<int>(sample.size()));
  return mask;
}

bool decrypt(const InitialKeys& keys, uint64_t packet_number, Bytes header, Bytes ciphertext, Bytes tag, std::vector<uint8_t>& out) {
  thread_local const CipherContext gcm(cipher_context("AES-128-GCM"));
  std::array<uint8_t, 12> nonce = keys.iv;
  for (size_t i = 0; i < 8; i++) nonce[11 - i] ^= static_cast<uint8_t>(packet_number >> 8 * i);
  std::array<uint8_t, 16> tag_copy;
  std::ranges::copy(tag, tag_copy.begin());
  out.resize(ciphertext.size());
  int n = 0;
  return EVP_DecryptInit_ex2(gcm.get(), nullptr, keys.key.data(), nonce.data(), nullptr) == 1 &&
         EVP_DecryptUpdate(gcm.get(), nullptr, &n, header.data(), static_cast<int>(header.size())) == 1 &&
         EVP_DecryptUpdate(gcm.get(), out.data(), &n, ciphertext.data(), static_cast<int>(ciphertext.size())) == 1 &&
         EVP_CIPHER_CTX_ctrl(gcm.get(), EVP_CTRL_AEAD_SET_TAG, static_cast<int>(tag_copy.size()), tag_copy.data()) == 1 &&
         EVP_DecryptFinal_ex(gcm.get(), out.data() + out.size(), &n) == 1;
}

}  // namespace

InitialKeys derive_initial_keys(uint32_t v, Bytes client_destination_id, bool from_client) {
  const Secret initial = hmac(salt_of(v), client_destination_id);
  const Secret secret = expand_label<32>(initial, from_client ? "client in" : "server in");
  const bool v2 = v == version::k2;
  return {expand_label<16>(secret, v2 ? "quicv2 key" : "quic key"), expand_label<12>(secret, v2 ? "quicv2 iv" : "quic iv"),
          expand_label<16>(secret, v2 ? "quicv2 hp" : "quic hp")};
}

bool open_initial(const Packet& packet, const InitialKeys& keys, std::vector<uint8_t>& payload) {
  constexpr size_t kTagBytes = 16, kSampleBytes = 16, kMaxNumberBytes = 4;
  ByteReader r(packet.bytes);
  r.skip(packet.packet_number_offset);
  if (r.remaining() > kMaxInitialPayload || r.remaining() < kMaxNumberBytes + kSampleBytes) return false;
  ByteReader ahead = r;
  ahead.skip(kMaxNumberBytes);
  const auto mask = header_mask(keys, ahead.bytes(kSampleBytes));

  std::vector<uint8_t> header(packet.bytes.begin(), packet.bytes.begin() + static_cast<std::ptrdiff_t>(packet.packet_number_offset));
  header[0] ^= mask[0] & 0x0f;
  const size_t number_bytes = (header[0] & 3u) + 1;
  uint64_t number = 0;
  for (size_t i = 0; i < number_bytes; i++) {
    header.push_back(r.u8() ^ mask[i + 1]);
    number = number << 8 | header.back();
  }
  const Bytes ciphertext = r.bytes(r.remaining() - kTagBytes);
  return !ciphertext.empty() && decrypt(keys, number, header, ciphertext, r.rest(), payload);
}

}  // namespace sensor::quic
