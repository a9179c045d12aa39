#include "dpi/tls/fingerprint.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include "dpi/digest/digest.h"
#include "dpi/tls/extensions.h"
#include "sensor/base/hex.h"
#include "sensor/base/memo.h"

namespace sensor::tls {
namespace {

/// Hellos of the same programs come from everywhere: their texts are hashed once by each thread. The text of a browser has some 200 bytes.
using KnownDigests = Memo<std::string>;
constexpr size_t kKnownTexts = 512, kMaxKnownText = 1024;

bool is_grease(uint16_t v) {
  return (v & 0x0f0f) == 0x0a0a && v >> 8 == (v & 0xff);
}

/// A list of 16-bit numbers without GREASE.
std::vector<uint16_t> numbers(Bytes list) {
  std::vector<uint16_t> out;
  out.reserve(list.size() / 2);
  ByteReader r(list);
  while (r.remaining() >= 2) {
    const uint16_t v = r.u16();
    if (!is_grease(v)) out.push_back(v);
  }
  return out;
}
std::vector<uint16_t> without_grease(std::vector<uint16_t> list) {
  std::erase_if(list, is_grease);
  return list;
}

void append_number(std::string& out, unsigned v) {
  std::array<char, std::numeric_limits<unsigned>::digits10 + 1> digits;
  out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), v).ptr);
}

/// ",4-5-10"
template <class List>
void append_list(std::string& out, const List& list) {
  char before = ',';
  if (std::empty(list)) out += before;
  for (const unsigned v : list) {
    out += std::exchange(before, '-');
    append_number(out, v);
  }
}

/// "0004,0005,000a"
std::string hexadecimal(const std::vector<uint16_t>& list) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  constexpr size_t kWidth = 5;
  std::string out(list.size() * kWidth, ',');
  char* at = out.data();
  for (const uint16_t v : list) {
    for (int shift = 12; shift >= 0; shift -= 4) *at++ = kDigits[v >> shift & 15];
    at++;
  }
  if (!out.empty()) out.pop_back();
  return out;
}

/// The highest number offered, in two characters.
std::string_view ja4_version(const ClientHello& hello) {
  const auto offered = numbers(hello.extensions.supported_versions);
  switch (offered.empty() ? hello.version : *std::ranges::max_element(offered)) {
    case version::kTls13:
      return "13";
    case version::kTls12:
      return "12";
    case version::kTls11:
      return "11";
    case version::kTls10:
      return "10";
    case version::kSsl3:
      return "s3";
    case version::kSsl2:
      return "s2";
    case version::kDtls10:
      return "d1";
    case version::kDtls12:
      return "d2";
    case version::kDtls13:
      return "d3";
    default:
      return "00";
  }
}

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/// First and last character of the first application protocol, or of its bytes in hexadecimal.
std::string ja4_protocol(const Extensions& e) {
  if (!e.alpn || e.alpn->empty() || e.alpn->front().empty()) return "00";
  const std::string_view name = e.alpn->front();
  if (is_alphanumeric(name.front()) && is_alphanumeric(name.back())) return {name.front(), name.back()};
  const std::string digits = hex(as_bytes(name));
  return {digits.front(), digits.back()};
}

std::string two_digits(size_t n) {
  const size_t shown = std::min<size_t>(n, 99);
  return {static_cast<char>('0' + shown / 10), static_cast<char>('0' + shown % 10)};
}

std::string ja3_hash(std::string_view text) {
  thread_local KnownDigests known(kKnownTexts, kMaxKnownText);
  return known.get(text, [&] { return digest::md5(as_bytes(text)); });
}

std::string ja4_hash(std::string_view text) {
  thread_local KnownDigests known(kKnownTexts, kMaxKnownText);
  constexpr size_t kDigits = 12;
  if (text.empty()) return std::string(kDigits, '0');
  return known.get(text, [&] { return digest::sha256(as_bytes(text)).substr(0, kDigits); });
}

}  // namespace

std::string ja3(const ClientHello& hello) {
  const Extensions& e = hello.extensions;
  std::string text;
  append_number(text, hello.version);
  append_list(text, numbers(hello.cipher_suites));
  append_list(text, without_grease(e.types));
  append_list(text, numbers(e.groups));
  append_list(text, e.point_formats);
  return ja3_hash(text);
}

std::string ja3s(const ServerHello& hello) {
  std::string text;
  append_number(text, hello.version);
  append_list(text, std::array{hello.cipher_suite});
  append_list(text, without_grease(hello.extensions.types));
  return ja3_hash(text);
}

std::string ja4(const ClientHello& hello, Carrier carrier) {
  auto suites = numbers(hello.cipher_suites), types = without_grease(hello.extensions.types);
  const bool names_host = std::ranges::find(types, kServerNameType) != types.end();
  std::string out{static_cast<char>(carrier)};
  out += ja4_version(hello);
  out += names_host ? 'd' : 'i';
  out += two_digits(suites.size()) + two_digits(types.size()) + ja4_protocol(hello.extensions);
  std::ranges::sort(suites);
  std::erase_if(types, [](uint16_t t) { return t == kServerNameType || t == kAlpnType; });
  std::ranges::sort(types);
  std::string rest = hexadecimal(types);
  const auto signatures = numbers(hello.extensions.signature_algorithms);
  if (!rest.empty() && !signatures.empty()) rest += '_' + hexadecimal(signatures);
  return out + '_' + ja4_hash(hexadecimal(suites)) + '_' + ja4_hash(rest);
}

}  // namespace sensor::tls
