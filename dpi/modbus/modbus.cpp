#include "dpi/modbus/modbus.h"

#include <algorithm>

#include "dpi/modbus/body.h"

namespace sensor::modbus {
namespace {

/// The MBAP header and the function code.
constexpr size_t kHeaderBytes = 8;
/// The length counts what is behind it: unit and function code at least.
constexpr uint16_t kMinLength = 2;

struct Frame {
  Header header;
  uint16_t length = 0;
  bool good = false;
};

/// The header of a message of which at least kHeaderBytes are there.
Frame read_header(ByteReader& r) {
  Frame f;
  f.header.transaction = r.u16();
  const uint16_t protocol = r.u16();
  f.length = r.u16();
  f.header.unit = r.u8();
  f.header.function = r.u8();
  f.good = r.ok() && protocol == 0 && f.length >= kMinLength;
  return f;
}

struct Name {
  uint8_t code;
  std::string_view name;
};
constexpr Name kFunctions[] = {
    {0x01, "READ_COILS"},
    {0x02, "READ_DISCRETE_INPUTS"},
    {0x03, "READ_HOLDING_REGISTERS"},
    {0x04, "READ_INPUT_REGISTERS"},
    {0x05, "WRITE_SINGLE_COIL"},
    {0x06, "WRITE_SINGLE_REGISTER"},
    {0x07, "READ_EXCEPTION_STATUS"},
    {0x08, "DIAGNOSTICS"},
    {0x09, "PROGRAM_484"},
    {0x0a, "POLL_484"},
    {0x0b, "GET_COMM_EVENT_COUNTER"},
    {0x0c, "GET_COMM_EVENT_LOG"},
    {0x0d, "PROGRAM_584_984"},
    {0x0e, "POLL_584_984"},
    {0x0f, "WRITE_MULTIPLE_COILS"},
    {0x10, "WRITE_MULTIPLE_REGISTERS"},
    {0x11, "REPORT_SLAVE_ID"},
    {0x12, "PROGRAM_884_U84"},
    {0x13, "RESET_COMM_LINK_884_U84"},
    {0x14, "READ_FILE_RECORD"},
    {0x15, "WRITE_FILE_RECORD"},
    {0x16, "MASK_WRITE_REGISTER"},
    {0x17, "READ_WRITE_MULTIPLE_REGISTERS"},
    {0x18, "READ_FIFO_QUEUE"},
    {0x28, "PROGRAM_CONCEPT"},
    {0x29, "MULTIPLE_FUNCTION_CODES"},
    {0x2b, "ENCAP_INTERFACE_TRANSPORT"},
    {0x5a, "PROGRAM_UNITY"},
    {0x5b, "OBJECT_MESSAGING"},
    {0x7d, "FIRMWARE_REPLACEMENT"},
    {0x7e, "PROGRAM_584_984_2"},
    {0x7f, "REPORT_LOCAL_ADDRESS"},
};
constexpr Name kExceptions[] = {
    {0x01, "ILLEGAL_FUNCTION"},
    {0x02, "ILLEGAL_DATA_ADDRESS"},
    {0x03, "ILLEGAL_DATA_VALUE"},
    {0x04, "SLAVE_DEVICE_FAILURE"},
    {0x05, "ACKNOWLEDGE"},
    {0x06, "SLAVE_DEVICE_BUSY"},
    {0x08, "MEMORY_PARITY_ERROR"},
    {0x0a, "GATEWAY_PATH_UNAVAILABLE"},
    {0x0b, "GATEWAY_TARGET_DEVICE_FAILED_TO_RESPOND"},
};

template <size_t N>
std::string_view find_name(const Name (&names)[N], uint8_t code) {
  const auto it = std::ranges::find(names, code, &Name::code);
  return it != std::end(names) ? it->name : std::string_view{};
}

/// The first message of a side, where it is a well-formed one of a known function.
Match first_message(bool from_client, Bytes bytes, Header& header) {
  ByteReader r(bytes);
  if (bytes.size() < kHeaderBytes) {
    // Its protocol is 0, and the length below 256.
    const bool possible = r.peek(2) == 0 && r.peek(3) == 0 && r.peek(4) == 0;
    return possible ? Match::Unsure : Match::No;
  }
  const Frame f = read_header(r);
  constexpr uint16_t kMaxLength = 254;
  if (!f.good || f.length > kMaxLength) return Match::No;
  if (find_name(kFunctions, f.header.function & ~kExceptionBit).empty()) return Match::No;
  if (r.remaining() + kMinLength < f.length) return Match::Unsure;
  header = f.header;
  return check_body(from_client, f.header.function, r.sub(f.length - kMinLength)) == Body::Good ? Match::Yes : Match::No;
}

}  // namespace

void Reader::feed(bool from_client, Bytes piece) {
  Side& s = sides_[from_client ? 0 : 1];
  s.held.insert(s.held.end(), piece.begin(), piece.end());
  ByteReader r(s.held);
  while (r.remaining() >= kHeaderBytes && read_one(from_client, s, r)) {}
  const size_t left = r.remaining();
  if (!r.ok()) s.header_told = false;
  s.held.erase(s.held.begin(), s.held.end() - static_cast<std::ptrdiff_t>(left));
}

/// False: the message is not whole, or malformed; then the reader has failed.
bool Reader::read_one(bool from_client, Side& side, ByteReader& r) {
  ByteReader ahead = r;
  const Frame f = read_header(ahead);
  if (!f.good) {
    r.fail();
    sink_.on_violation("malformed Modbus header");
    return false;
  }
  if (!side.header_told) sink_.on_header(from_client, f.header);
  const size_t body_bytes = f.length - kMinLength;
  side.header_told = ahead.remaining() < body_bytes;
  if (side.header_told) return false;
  const ByteReader body = ahead.sub(body_bytes);
  const Body state = check_body(from_client, f.header.function, body);
  if (state == Body::Malformed) {
    r.fail();
    sink_.on_violation("malformed Modbus message");
    return false;
  }
  r = ahead;
  if (state == Body::OddRegisters) sink_.on_violation("half a Modbus register");
  if (!from_client && (f.header.function & kExceptionBit) != 0) sink_.on_exception(body.peek());
  sink_.on_message();
  return true;
}

std::string function_name(uint8_t function) {
  const std::string_view name = find_name(kFunctions, function & ~kExceptionBit);
  if (name.empty()) return "unknown-" + std::to_string(function);
  return std::string(name) + ((function & kExceptionBit) != 0 ? "_EXCEPTION" : "");
}

std::string exception_name(uint8_t code) {
  const std::string_view name = find_name(kExceptions, code);
  return name.empty() ? "unknown-" + std::to_string(code) : std::string(name);
}

Match looks_like(Bytes client, Bytes server) {
  Header request, answer;
  const Match first = first_message(true, client, request), second = first_message(false, server, answer);
  if (first == Match::No || second == Match::No) return Match::No;
  if (first == Match::Unsure || second == Match::Unsure) return Match::Unsure;
  const bool answers = request.transaction == answer.transaction && request.unit == answer.unit &&
                       (request.function & kExceptionBit) == 0 && (answer.function & ~kExceptionBit) == request.function;
  return answers ? Match::Yes : Match::No;
}

}  // namespace sensor::modbus
