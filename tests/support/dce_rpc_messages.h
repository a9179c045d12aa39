// Units of DCE-RPC made by hand, in little-endian order.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "smb_messages.h"

namespace sensor::test {

inline constexpr uint8_t kOnlyFragment = 3, kFirstFragment = 1, kMiddleFragment = 0, kLastFragment = 2;

/// C706 section 12.6.3.1; `security` is a provider's number and its token.
struct RpcSecurity {
  uint8_t provider = 0;
  std::string token;
};
inline std::string rpc_unit(uint8_t type, std::string_view body, uint8_t flags = kOnlyFragment, uint32_t call = 1,
                            const RpcSecurity& security = {}) {
  const size_t trailer = security.token.empty() ? 0 : 8 + security.token.size();
  std::string out = little_endian(5, 2) + little_endian(type, 1) + little_endian(flags, 1) + little_endian(0x10, 4) +
                    little_endian(16 + body.size() + trailer, 2) + little_endian(security.token.size(), 2) + little_endian(call, 4);
  out += body;
  if (trailer != 0) out += little_endian(security.provider, 1) + zeros(7) + security.token;
  return out;
}
/// "12345678-…" as it lies in a message.
inline std::string rpc_uuid(std::string_view text) {
  std::string bytes;
  for (size_t i = 0; i + 1 < text.size(); i++) {
    if (text[i] == '-') continue;
    bytes += static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16));
    i++;
  }
  for (const auto& [from, to] : std::vector<std::pair<size_t, size_t>>{{0, 3}, {1, 2}, {4, 5}, {6, 7}}) std::swap(bytes[from], bytes[to]);
  return bytes;
}
inline constexpr std::string_view kSamr = "12345778-1234-abcd-ef00-0123456789ac", kSrvsvc = "4b324fc8-1670-01d3-1278-5a47bf6ee188",
                                  kWinreg = "338cd001-2244-31f1-aaaa-900038001003";

inline std::string rpc_context(uint16_t id, std::string_view uuid) {
  return little_endian(id, 2) + little_endian(1, 2) + rpc_uuid(uuid) + little_endian(1, 4) + zeros(20);
}
inline std::string rpc_contexts(const std::vector<std::string>& contexts) {
  std::string out = zeros(8) + little_endian(contexts.size(), 4);
  for (const std::string& c : contexts) out += c;
  return out;
}
inline std::string rpc_bind(std::string_view uuid, uint16_t context = 0) {
  return rpc_unit(11, rpc_contexts({rpc_context(context, uuid)}));
}
inline std::string rpc_bind_ack_body(std::string_view address) {
  std::string out = zeros(8) + little_endian(address.size(), 2) + std::string(address);
  out += zeros((4 - out.size() % 4) % 4);
  return out + little_endian(1, 4) + zeros(24);
}
inline std::string rpc_bind_ack(std::string_view address) {
  return rpc_unit(12, rpc_bind_ack_body(std::string(address) + '\0'));
}
inline std::string rpc_request(uint16_t operation, uint16_t context = 0) {
  return rpc_unit(0, zeros(4) + little_endian(context, 2) + little_endian(operation, 2) + "stub");
}
inline std::string rpc_response(uint16_t context = 0) {
  return rpc_unit(2, zeros(4) + little_endian(context, 2) + zeros(2) + "stub");
}

}  // namespace sensor::test
