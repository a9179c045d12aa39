// TLS inside the tokens of AUTH GSSAPI, as GridFTP has it (RFC 2228, GFD.20).
#include <algorithm>

#include "dpi/mime/transfer_decoder.h"
#include "src/session/ftp_analyzer.h"

namespace sensor {
namespace {

/// Replies behind which no more tokens come: the exchange is complete, or was refused.
bool ends_exchange(uint32_t code) {
  constexpr std::array<uint32_t, 12> kCodes{232, 234, 235, 421, 431, 500, 501, 503, 535, 631, 632, 633};
  return std::ranges::find(kCodes, code) != kCodes.end();
}

/// One whole TLS handshake record.
bool is_handshake_record(Bytes bytes) {
  constexpr uint8_t kHandshake = 22;
  ByteReader r(bytes);
  const uint8_t type = r.u8();
  r.skip(2);
  const uint16_t length = r.u16();
  return r.ok() && type == kHandshake && r.remaining() == length;
}

std::optional<std::string> decode(AnalyzerContext& c, std::string_view text) {
  std::string out;
  mime::Base64Decoder decoder;
  decoder.feed(text, out);
  const bool good = !decoder.odd();
  if (good) decoder.finish(out);
  if (decoder.odd()) c.weird("base64_illegal_encoding", decoder.oddity(), {});
  return good ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace

void FtpAnalyzer::read_adat(AnalyzerContext& c, Direction d, std::string_view line) {
  std::optional<std::string> token;
  if (d == Direction::Orig) {
    if (const auto text = ftp::adat_of_request(line)) {
      token = decode(c, *text);
      if (adat_first_) {
        adat_first_ = false;
        if (!token) c.weird("ftp_adat_bad_first_token_encoding", {}, "FTP_ADAT");
        // The framing that RFC 2743 section 3.1 asks for is not used: TLS begins at once.
        if (!token || !is_handshake_record(as_bytes(*token))) {
          token.reset();
          adat_active_ = false;
        }
      }
    } else if (ftp::parse_request(line).command == "AUTH") {
      adat_active_ = false;
    }
  } else {
    if (const auto text = ftp::adat_of_reply(line)) token = decode(c, *text);
    if (ends_exchange(ftp::reply_code(line))) adat_active_ = false;
  }
  if (token) c.feed_inside(d, as_bytes(*token));
}

}  // namespace sensor
