#include "fanout_program.h"

#include <net/ethernet.h>

#include <array>

namespace sensor {
namespace {

/// A word of the network header, wherever the link layer ends (Documentation/networking/filter.rst).
sock_filter load_network(uint32_t offset) {
  return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<uint32_t>(SKF_NET_OFF) + offset);
}

/// The exclusive or of these words, spread over the upper half (Knuth's multiplicative hashing) and brought down.
template <size_t N>
void hash_words(std::vector<sock_filter>& program, const std::array<uint32_t, N>& offsets) {
  constexpr uint32_t kGoldenRatio = 0x9e3779b1, kHalf = 16;
  program.push_back(load_network(offsets[0]));
  for (size_t i = 1; i < N; i++) {
    program.push_back(BPF_STMT(BPF_ST, 0));
    program.push_back(load_network(offsets[i]));
    program.push_back(BPF_STMT(BPF_LDX | BPF_W | BPF_MEM, 0));
    program.push_back(BPF_STMT(BPF_ALU | BPF_XOR | BPF_X, 0));
  }
  program.push_back(BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, kGoldenRatio));
  program.push_back(BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, kHalf));
  program.push_back(BPF_STMT(BPF_RET | BPF_A, 0));
}

}  // namespace

std::vector<sock_filter> address_pair_program() {
  std::vector<sock_filter> v4, v6, program;
  hash_words<2>(v4, {12, 16});                         // RFC 791 section 3.1: source and destination
  hash_words<8>(v6, {8, 12, 16, 20, 24, 28, 32, 36});  // RFC 8200 section 3
  const auto past = [](const std::vector<sock_filter>& part) { return static_cast<uint8_t>(part.size()); };
  program.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<uint32_t>(SKF_AD_OFF + SKF_AD_PROTOCOL)));
  program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETHERTYPE_IP, 0, past(v4)));
  program.insert(program.end(), v4.begin(), v4.end());
  program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETHERTYPE_IPV6, 0, past(v6)));
  program.insert(program.end(), v6.begin(), v6.end());
  program.push_back(BPF_STMT(BPF_RET | BPF_K, 0));
  return program;
}

}  // namespace sensor
