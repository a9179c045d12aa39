#include "dpi/rdp/names.h"

#include <algorithm>
#include <span>
#include <string_view>

#include "dpi/rdp/keyboards.h"

namespace sensor::rdp {
namespace {

struct Name {
  uint32_t number;
  std::string_view name;
};

constexpr Name kBuilds[] = {
    {419, "RDP 4.0"},  {2195, "RDP 5.0"}, {2221, "RDP 5.0"},        {2600, "RDP 5.1"},        {3790, "RDP 5.2"},
    {6000, "RDP 6.0"}, {6001, "RDP 6.1"}, {6002, "RDP 6.2"},        {7600, "RDP 7.0"},        {7601, "RDP 7.1"},
    {9200, "RDP 8.0"}, {9600, "RDP 8.1"}, {25189, "RDP 8.0 (Mac)"}, {25282, "RDP 8.0 (Mac)"},
};
constexpr Name kSecurityProtocols[] = {{0, "RDP"}, {1, "SSL"}, {2, "HYBRID"}, {8, "HYBRID_EX"}};
constexpr Name kFailures[] = {
    {1, "SSL_REQUIRED_BY_SERVER"}, {2, "SSL_NOT_ALLOWED_BY_SERVER"}, {3, "SSL_CERT_NOT_ON_SERVER"},
    {4, "INCONSISTENT_FLAGS"},     {5, "HYBRID_REQUIRED_BY_SERVER"}, {6, "SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER"},
};
constexpr Name kCertificateTypes[] = {{1, "RSA"}, {2, "X.509"}};
constexpr Name kEncryptionMethods[] = {{0, "None"}, {1, "40bit"}, {2, "128bit"}, {8, "56bit"}, {10, "FIPS"}};
constexpr Name kEncryptionLevels[] = {{0, "None"}, {1, "Low"}, {2, "Client compatible"}, {3, "High"}, {4, "FIPS"}};
constexpr Name kColorDepths[] = {{4, "4bit"}, {8, "8bit"}, {15, "15bit"}, {16, "16bit"}, {24, "24bit"}};
constexpr Name kResults[] = {
    {0, "Success"}, {1, "User rejected"}, {2, "Resources not available"}, {3, "Rejected for symmetry breaking"}, {4, "Locked conference"}};

std::string named(std::span<const Name> names, uint32_t number, std::string_view kind) {
  const auto it = std::ranges::find(names, number, &Name::number);
  return it != names.end() ? std::string(it->name) : std::string(kind) + "-" + std::to_string(number);
}

}  // namespace

std::string build_name(uint32_t build) {
  return named(kBuilds, build, "client_build");
}
std::string security_protocol_name(uint32_t protocol) {
  return named(kSecurityProtocols, protocol, "security_protocol");
}
std::string failure_name(uint32_t code) {
  return named(kFailures, code, "failure_code");
}
std::string certificate_type_name(uint32_t type) {
  return named(kCertificateTypes, type, "cert_type");
}
std::string encryption_method_name(uint32_t method) {
  return named(kEncryptionMethods, method, "encryption_method");
}
std::string encryption_level_name(uint32_t level) {
  return named(kEncryptionLevels, level, "encryption_level");
}
std::string color_depth_name(uint16_t depth) {
  return named(kColorDepths, depth, "high_color_depth");
}
std::string result_name(uint8_t result) {
  return named(kResults, result, "result");
}

std::string keyboard_name(uint32_t layout) {
  if (const std::string_view name = keyboard_language(layout); !name.empty()) return std::string(name);
  const std::string_view guess = keyboard_language(layout & 0xffff);
  if (guess.empty()) return "keyboard-" + std::to_string(layout);
  return std::string(guess) + " (Best Guess for " + std::to_string(layout) + ")";
}

}  // namespace sensor::rdp
