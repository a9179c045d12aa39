#include "dpi/tls/fingerprint.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "dpi/digest/digest.h"
#include "dpi/tls/extensions.h"
#include "sensor/base/hex.h"
#include "sensor/base/memo.h"

namespace sensor::tls {
namespace {

/// Numbers of a hello that a fingerprint is made from. They are shorter than the text that is hashed, and the same hellos come again and
/// again from the same programs: the text is made once by each thread.
using Numbers = std::vector<uint16_t>;
using KnownHashes = Memo<std::string>;
constexpr size_t kKnownHellos = 512, kMaxKnownBytes = 512;

/// Stands between two lists: a value of GREASE, so it is in none of them.
constexpr uint16_t kMark = 0x0a0a;

/// Of each of JA4's two hashes, and what they follow: "t13d1516h2_8daaf6152771_e5627efa2ab1".
constexpr size_t kJa4Digits = 12, kJa4Size = 10 + 2 * (1 + kJa4Digits);

bool is_grease(uint16_t v) {
  return (v & 0x0f0f) == 0x0a0a && v >> 8 == (v & 0xff);
}

void append(Numbers& out, const Numbers& list) {
  std::ranges::remove_copy_if(list, std::back_inserter(out), is_grease);
}
void append(Numbers& out, Bytes list_of_16_bits) {
  ByteReader r(list_of_16_bits);
  while (r.remaining() >= 2) {
    const uint16_t v = r.u16();
    if (!is_grease(v)) out.push_back(v);
  }
}
template <class List>
Numbers without_grease(const List& list) {
  Numbers out;
  out.reserve(list.size());
  append(out, list);
  return out;
}

std::string_view bytes_of(const Numbers& numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(uint16_t)};
}

/// "769,4-5-10,,0": some single numbers, then lists, each behind a mark.
std::string ja3_text(const Numbers& numbers, size_t singles) {
  std::string text;
  std::string_view before;
  for (size_t i = 0; i < numbers.size(); i++) {
    if (i >= singles && numbers[i] == kMark) {
      text += ',';
      before = {};
      continue;
    }
    text += before;
    text += std::to_string(numbers[i]);
    before = i + 1 < singles ? "," : "-";
  }
  return text;
}

/// "0004,0005_000a": two lists, with a mark between them, or one.
std::string ja4_text(const Numbers& numbers) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const uint16_t v : numbers) {
    if (v == kMark) {
      text.back() = '_';
      continue;
    }
    for (int shift = 12; shift >= 0; shift -= 4) text += kDigits[v >> shift & 15];
    text += ',';
  }
  text.pop_back();
  return text;
}

/// A server's numbers differ from any client's, which have more marks.
std::string ja3_hash(const Numbers& numbers, size_t singles) {
  thread_local KnownHashes known(kKnownHellos, kMaxKnownBytes);
  return known.get(bytes_of(numbers), [&] { return digest::md5(as_bytes(ja3_text(numbers, singles))); });
}

std::string ja4_hash(const Numbers& numbers) {
  thread_local KnownHashes known(kKnownHellos, kMaxKnownBytes);
  if (numbers.empty()) return std::string(kJa4Digits, '0');
  return known.get(bytes_of(numbers), [&] { return digest::sha256(as_bytes(ja4_text(numbers))).substr(0, kJa4Digits); });
}

/// The highest number offered, in two characters.
std::string_view ja4_version(const ClientHello& hello) {
  const Numbers offered = without_grease(hello.extensions.supported_versions);
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

}  // namespace

std::string ja3(const ClientHello& hello) {
  const Extensions& e = hello.extensions;
  Numbers numbers;
  numbers.reserve(kMaxKnownBytes / sizeof(uint16_t));
  numbers = {hello.version, kMark};
  append(numbers, hello.cipher_suites);
  numbers.push_back(kMark);
  append(numbers, e.types);
  numbers.push_back(kMark);
  append(numbers, e.groups);
  numbers.push_back(kMark);
  numbers.insert(numbers.end(), e.point_formats.begin(), e.point_formats.end());
  return ja3_hash(numbers, 1);
}

std::string ja3s(const ServerHello& hello) {
  Numbers numbers{hello.version, hello.cipher_suite, kMark};
  append(numbers, hello.extensions.types);
  return ja3_hash(numbers, 2);
}

std::string ja4(const ClientHello& hello, Carrier carrier) {
  Numbers suites = without_grease(hello.cipher_suites), types = without_grease(hello.extensions.types);
  const bool names_host = std::ranges::find(types, kServerNameType) != types.end();
  std::string out;
  out.reserve(kJa4Size);
  out += static_cast<char>(carrier);
  out += ja4_version(hello);
  out += names_host ? 'd' : 'i';
  out += two_digits(suites.size());
  out += two_digits(types.size());
  out += ja4_protocol(hello.extensions);
  std::ranges::sort(suites);
  std::erase_if(types, [](uint16_t t) { return t == kServerNameType || t == kAlpnType; });
  std::ranges::sort(types);
  if (!types.empty()) {
    types.push_back(kMark);
    append(types, hello.extensions.signature_algorithms);
    if (types.back() == kMark) types.pop_back();
  }
  out.append("_").append(ja4_hash(suites)).append("_").append(ja4_hash(types));
  return out;
}

}  // namespace sensor::tls
