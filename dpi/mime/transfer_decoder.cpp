#include "dpi/mime/transfer_decoder.h"

#include <utility>

namespace sensor::mime {
namespace {

int sextet(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  if (c == '/') return 63;
  if (c == '=') return 0;
  return -1;
}
int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

void Base64Decoder::note(std::string text) {
  if (oddity_.empty()) oddity_ = std::move(text);
}

void Base64Decoder::flush(std::string& out) {
  filled_ = 0;
  if (padded_) {
    note("extra base64 groups after '=' padding are ignored");
    padding_ = 0;
    return;
  }
  const uint32_t bits = uint32_t{group_[0]} << 18 | uint32_t{group_[1]} << 12 | uint32_t{group_[2]} << 6 | group_[3];
  const int octets = 3 - padding_;
  for (int i = 0; i < octets; i++) out += static_cast<char>(bits >> (16 - 8 * i) & 0xff);
  if (padding_ > 0) padded_ = true;
  padding_ = 0;
}

void Base64Decoder::feed(std::string_view text, std::string& out) {
  for (char c : text) {
    const int v = sextet(c);
    if (v < 0) {
      note("character " + std::to_string(static_cast<uint8_t>(c)) + " ignored by Base64 decoding");
      continue;
    }
    if (c == '=' && padding_ < 4) padding_++;
    group_[filled_++] = static_cast<uint8_t>(v);
    if (filled_ == 4) flush(out);
  }
}

void Base64Decoder::finish(std::string& out) {
  if (filled_ == 0) return;
  note("incomplete base64 group, padding with " + std::to_string((4 - filled_) * 6) + " bits of 0");
  feed(std::string_view("===").substr(0, static_cast<size_t>(4 - filled_)), out);
}

void decode_quoted_printable(std::string_view line, std::string& out) {
  while (!line.empty() && (line.back() == ' ' || line.back() == '\t')) line.remove_suffix(1);
  bool soft = false;
  for (size_t i = 0; i < line.size(); i++) {
    if (line[i] != '=') {
      out += line[i];
      continue;
    }
    if (i + 1 == line.size()) {
      soft = true;
    } else if (i + 2 < line.size() && hex(line[i + 1]) >= 0 && hex(line[i + 2]) >= 0) {
      out += static_cast<char>(hex(line[i + 1]) * 16 + hex(line[i + 2]));
      i += 2;
    } else {
      out += '=';
    }
  }
  if (!soft) out += "\r\n";
}

}  // namespace sensor::mime
