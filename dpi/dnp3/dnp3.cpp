#include "dpi/dnp3/dnp3.h"

#include <algorithm>

namespace sensor::dnp3 {
namespace {

constexpr size_t kChecksumBytes = 2, kBlockBytes = 16;
/// A frame's header: start (2), length, control, destination (2), source (2).
constexpr size_t kHeaderBytes = 8, kHeaderEnd = kHeaderBytes + kChecksumBytes;
/// What the length counts besides content: control and addresses.
constexpr size_t kCountedHeaderBytes = 5;

/// Section 9.2.5.2: the polynomial x^16 + x^13 + x^12 + x^11 + x^10 + x^8 + x^6 + x^5 + x^2 + 1, lowest bit first, inverted.
constexpr std::array<uint16_t, 256> make_checksum_table() {
  constexpr unsigned kPolynomial = 0xa6bc;
  std::array<uint16_t, 256> table{};
  for (unsigned i = 0; i < table.size(); i++) {
    unsigned c = i;
    for (int bit = 0; bit < 8; bit++) c = (c & 1) != 0 ? c >> 1 ^ kPolynomial : c >> 1;
    table[i] = static_cast<uint16_t>(c);
  }
  return table;
}
constexpr auto kChecksumTable = make_checksum_table();

uint16_t checksum(Bytes bytes) {
  unsigned c = 0;
  for (const uint8_t b : bytes) c = kChecksumTable[(c ^ b) & 0xff] ^ c >> 8;
  return static_cast<uint16_t>(~c);
}

/// The next n bytes, when the checksum behind them is right.
Bytes checked(ByteReader& r, size_t n) {
  const Bytes bytes = r.bytes(n);
  if (r.u16le() != checksum(bytes)) r.fail();
  return r.ok() ? bytes : Bytes{};
}

size_t frame_size(uint8_t length) {
  const size_t content = length - kCountedHeaderBytes;
  return kHeaderEnd + content + (content + kBlockBytes - 1) / kBlockBytes * kChecksumBytes;
}

}  // namespace

void Reader::feed(bool from_client, Bytes piece) {
  Side& s = sides_[from_client ? 0 : 1];
  while (!piece.empty() && !stopped_) {
    const size_t wanted = s.header_told ? frame_size(s.held[2]) : kHeaderEnd;
    const size_t n = std::min(wanted - s.size, piece.size());
    std::ranges::copy(piece.first(n), s.held.begin() + static_cast<std::ptrdiff_t>(s.size));
    s.size += n;
    piece = piece.subspan(n);
    if (s.size < wanted) return;
    const Bytes so_far(s.held.data(), s.size);
    if (!s.header_told) {
      if (!header(from_client, so_far)) return;
      s.header_told = true;
      if (frame_size(s.held[2]) > s.size) continue;
    }
    if (!frame(from_client, s, so_far)) return;
    s.size = 0;
    s.header_told = false;
  }
}

bool Reader::header(bool from_client, Bytes bytes) {
  ByteReader r(bytes);
  const uint8_t first = r.u8(), second = r.u8(), length = r.u8(), control = r.u8();
  if (first != 0x05 || second != 0x64) return problem(Problem::NoStart);
  ByteReader all(bytes);
  checked(all, kHeaderBytes);
  if (!all.ok()) return problem(Problem::HeaderChecksum);
  sink_.on_frame();
  if (length < kCountedHeaderBytes) return problem(Problem::Length);
  constexpr uint8_t kFromMaster = 0x80;
  // Frames without content only keep the link alive.
  if (length > kCountedHeaderBytes && from_client != ((control & kFromMaster) != 0)) sink_.on_wrong_direction();
  return true;
}

/// Section 8.2: the first byte of the content is the transport function's.
bool Reader::frame(bool from_client, Side& side, Bytes bytes) {
  ByteReader r(bytes);
  r.skip(kHeaderEnd);
  if (r.empty()) return true;
  constexpr uint8_t kFinal = 0x80, kFirst = 0x40;
  const uint8_t transport = r.peek();
  if ((transport & kFirst) != 0) {
    side.begun = true;
    side.fragment_bytes = 0;
  }
  for (bool first = true; !r.empty(); first = false) {
    const size_t n = std::min(kBlockBytes, r.remaining() - std::min(r.remaining(), kChecksumBytes));
    const Bytes block = checked(r, n);
    if (!r.ok()) return problem(Problem::BlockChecksum);
    keep(side, first ? block.subspan(1) : block);
  }
  if (!side.begun) return problem(Problem::MissingSegment);
  return (transport & kFinal) == 0 || fragment(from_client, side);
}

void Reader::keep(Side& side, Bytes block) {
  for (size_t i = 0; i < block.size() && side.fragment_bytes + i < side.beginning.size(); i++)
    side.beginning[side.fragment_bytes + i] = block[i];
  side.fragment_bytes += block.size();
}

/// Section 4.2.2: control, function, and in responses the internal indications.
bool Reader::fragment(bool from_client, Side& side) {
  ByteReader r(Bytes(side.beginning).first(std::min(side.fragment_bytes, side.beginning.size())));
  side.begun = false;
  r.skip(1);
  const uint8_t function = r.u8();
  const uint16_t indications = from_client ? uint16_t{0} : r.u16();
  if (!r.ok()) return problem(Problem::Fragment);
  from_client ? sink_.on_request(function) : sink_.on_response(function, indications);
  return true;
}

bool Reader::problem(Problem p) {
  stopped_ = true;
  sink_.on_problem(p);
  return false;
}

std::string function_name(uint8_t function) {
  constexpr std::string_view kRequests[] = {"CONFIRM",
                                            "READ",
                                            "WRITE",
                                            "SELECT",
                                            "OPERATE",
                                            "DIRECT_OPERATE",
                                            "DIRECT_OPERATE_NR",
                                            "IMMED_FREEZE",
                                            "IMMED_FREEZE_NR",
                                            "FREEZE_CLEAR",
                                            "FREEZE_CLEAR_NR",
                                            "FREEZE_AT_TIME",
                                            "FREEZE_AT_TIME_NR",
                                            "COLD_RESTART",
                                            "WARM_RESTART",
                                            "INITIALIZE_DATA",
                                            "INITIALIZE_APPL",
                                            "START_APPL",
                                            "STOP_APPL",
                                            "SAVE_CONFIG",
                                            "ENABLE_UNSOLICITED",
                                            "DISABLE_UNSOLICITED",
                                            "ASSIGN_CLASS",
                                            "DELAY_MEASURE",
                                            "RECORD_CURRENT_TIME",
                                            "OPEN_FILE",
                                            "CLOSE_FILE",
                                            "DELETE_FILE",
                                            "GET_FILE_INFO",
                                            "AUTHENTICATE_FILE",
                                            "ABORT_FILE",
                                            "ACTIVATE_CONFIG",
                                            "AUTHENTICATE_REQ",
                                            "AUTHENTICATE_REQ_NR"};
  constexpr std::string_view kResponses[] = {"RESPONSE", "UNSOLICITED_RESPONSE", "AUTHENTICATE_RESP"};
  constexpr uint8_t kFirstResponse = 0x81;
  if (function < std::size(kRequests)) return std::string(kRequests[function]);
  if (function >= kFirstResponse && function < kFirstResponse + std::size(kResponses))
    return std::string(kResponses[function - kFirstResponse]);
  return "unknown-" + std::to_string(function);
}

Match looks_like(Bytes bytes) {
  constexpr std::array<uint8_t, 2> kStart{0x05, 0x64};
  const size_t n = std::min(bytes.size(), kStart.size());
  if (!std::ranges::equal(bytes.first(n), std::span(kStart).first(n))) return Match::No;
  if (bytes.size() < kHeaderEnd) return Match::Unsure;
  ByteReader r(bytes);
  checked(r, kHeaderBytes);
  return r.ok() && bytes[2] >= kCountedHeaderBytes ? Match::Yes : Match::No;
}

}  // namespace sensor::dnp3
