// Protection of Initial packets, whose keys anyone can compute (RFC 9001 section 5, RFC 9369 section 3.3).
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "dpi/quic/packet.h"

namespace sensor::quic {

struct InitialKeys {
  std::array<uint8_t, 16> key;
  std::array<uint8_t, 12> iv;
  std::array<uint8_t, 16> header_key;
};

/// The keys of one direction, from the destination id of the client's first packet. The version is a known one.
InitialKeys derive_initial_keys(uint32_t version, Bytes client_destination_id, bool from_client);

/// Longer packets are not decrypted.
inline constexpr size_t kMaxInitialPayload = 10'000;

/// Removes the protection of an Initial packet; `payload` is then its frames. False: the packet does not belong to these keys, or carries
/// no frames.
bool open_initial(const Packet& packet, const InitialKeys& keys, std::vector<uint8_t>& payload);

}  // namespace sensor::quic
