// Builds protected QUIC packets for tests.
#pragma once

#include <openssl/evp.h>

#include "dpi/quic/initial.h"
#include "tls_messages.h"

namespace sensor::test {

/// A variable-length integer of two or four bytes.
inline ByteWriter varint(uint64_t v) {
  return v < 0x4000 ? ByteWriter().u16(static_cast<unsigned>(v | 0x4000)) : ByteWriter().u32(static_cast<unsigned>(v | 0x80000000));
}
inline ByteWriter crypto_frame(uint64_t offset, Bytes data) {
  return ByteWriter().u8(6).bytes(varint(offset)).bytes(varint(data.size())).bytes(data);
}
inline ByteWriter long_header(unsigned first, uint32_t version, Bytes destination, Bytes source) {
  return ByteWriter().u8(first).u32(version).counted(1, destination).counted(1, source);
}

struct InitialSpec {
  uint32_t version = quic::version::k1;
  bool from_client = true;
  std::vector<uint8_t> destination, source;
  std::vector<uint8_t> key_id;  // the client's first destination id
  std::vector<uint8_t> token;
  unsigned number = 2;
};

/// An Initial packet with this payload, protected with its version's keys. The payload has 4 bytes at least.
inline std::vector<uint8_t> initial_packet(const InitialSpec& spec, Bytes payload) {
  constexpr size_t kNumberBytes = 4, kTagBytes = 16;
  const quic::InitialKeys keys = quic::derive_initial_keys(spec.version, spec.key_id, spec.from_client);
  const unsigned first = spec.version == quic::version::k2 ? 0xd3 : 0xc3;
  ByteWriter header = long_header(first, spec.version, spec.destination, spec.source);
  header.bytes(varint(spec.token.size())).bytes(spec.token).bytes(varint(kNumberBytes + payload.size() + kTagBytes));
  const size_t number_at = header.get().size();
  header.u32(spec.number);

  std::vector<uint8_t> out = header.get();
  std::array<uint8_t, 12> nonce = keys.iv;
  for (size_t i = 0; i < 4; i++) nonce[11 - i] ^= static_cast<uint8_t>(spec.number >> 8 * i);
  std::vector<uint8_t> sealed(payload.size() + kTagBytes);
  int n = 0;
  EVP_CIPHER_CTX* c = EVP_CIPHER_CTX_new();
  EVP_EncryptInit_ex(c, EVP_aes_128_gcm(), nullptr, keys.key.data(), nonce.data());
  EVP_EncryptUpdate(c, nullptr, &n, out.data(), static_cast<int>(out.size()));
  EVP_EncryptUpdate(c, sealed.data(), &n, payload.data(), static_cast<int>(payload.size()));
  EVP_EncryptFinal_ex(c, sealed.data() + n, &n);
  EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, kTagBytes, sealed.data() + payload.size());
  out.insert(out.end(), sealed.begin(), sealed.end());

  std::array<uint8_t, 32> mask{};
  EVP_EncryptInit_ex(c, EVP_aes_128_ecb(), nullptr, keys.header_key.data(), nullptr);
  EVP_EncryptUpdate(c, mask.data(), &n, out.data() + number_at + 4, 16);
  EVP_CIPHER_CTX_free(c);
  out[0] ^= mask[0] & 0x0f;
  for (size_t i = 0; i < kNumberBytes; i++) out[number_at + i] ^= mask[i + 1];
  return out;
}

}  // namespace sensor::test
