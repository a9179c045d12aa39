#include "dpi/smb/smb1.h"

#include <algorithm>
#include <string_view>

#include "sensor/base/utf16.h"

namespace sensor::smb1 {
namespace {

enum CommandCode : uint8_t {
  kClose = 0x04,
  kLocking = 0x24,
  kTransaction = 0x25,
  kRead = 0x2e,
  kWrite = 0x2f,
  kNegotiate = 0x72,
  kSessionSetup = 0x73,
  kLogoff = 0x74,
  kTreeConnect = 0x75,
  kNtCreate = 0xa2,
  kNone = 0xff,
};

/// Neither words nor bytes: errors, and answers that have nothing to say.
constexpr size_t kEmptyMessage = Header::kSize + 3;

/// Commands that another one may follow (MS-CIFS section 2.2.3.4).
bool chains(uint8_t command, bool from_client) {
  switch (command) {
    case kLocking:
      return from_client;
    case kRead:
    case kWrite:
    case kSessionSetup:
    case kLogoff:
    case kTreeConnect:
    case kNtCreate:
      return true;
    default:
      return false;
  }
}

/// One command of a message: its words, and a reader over the whole message that stands at its bytes.
struct Block {
  ByteReader words;
  size_t word_count = 0;
  ByteReader bytes;
  uint16_t byte_count = 0;
  bool unicode = false;
  uint8_t next_command = kNone;
  uint16_t next_offset = 0;

  bool ok() const { return words.ok() && bytes.ok(); }
  // Texts end with a zero; the message is malformed where it is missing.
  std::string text();
  std::string ascii();
  void skip_texts(unsigned n);
};

std::string Block::ascii() {
  const std::string_view all = as_chars(bytes.rest());
  const std::string_view text = all.substr(0, all.find('\0'));
  bytes.skip(text.size() + 1);
  return std::string(text);
}

/// UTF-16 begins at an even place of the message.
std::string Block::text() {
  if (!unicode) return ascii();
  if (bytes.position() % 2 != 0) bytes.skip(1);
  const Bytes begin = bytes.rest();
  while (bytes.u16le() != 0) {}
  return bytes.ok() ? utf16le_to_utf8(begin.first(begin.size() - bytes.remaining())) : std::string{};
}

void Block::skip_texts(unsigned n) {
  for (; n > 0; n--) text();
}

Block read_block(const Header& h, Bytes message, size_t offset, bool has_andx) {
  Block b;
  b.unicode = h.unicode;
  b.bytes = ByteReader(message);
  b.bytes.seek(offset);
  b.word_count = b.bytes.u8();
  b.words = b.bytes.sub(b.word_count * 2);
  b.byte_count = b.bytes.u16le();
  if (has_andx && b.word_count >= 2) {
    b.next_command = b.words.u8();
    b.words.skip(1);
    b.next_offset = b.words.u16le();
  }
  return b;
}

/// Sections 2.2.4.52.2; with extended security: MS-SMB section 2.2.4.5.2.1.
Command negotiate_response(Block& b) {
  constexpr uint32_t kExtendedSecurity = 0x80000000;
  constexpr uint16_t kServerGuid = 16;
  if (b.word_count != 17) return {};
  b.words.skip(2 + 1 + 2 + 2 + 4 + 4 + 4);
  if ((b.words.u32le() & kExtendedSecurity) == 0) return {};
  b.bytes.skip(kServerGuid);
  return SecurityBlob{b.bytes.bytes(std::max(b.byte_count, kServerGuid) - kServerGuid)};
}

/// Section 2.2.4.53.1; with extended security: MS-SMB section 2.2.4.6.1. The forms without it carry no token.
Command session_setup_request(Block& b) {
  b.words.skip(2 + 2 + 2 + 4);
  const uint16_t length = b.words.u16le();
  if (b.word_count == 12) {
    const SecurityBlob blob{b.bytes.bytes(length)};
    b.skip_texts(2);
    return blob;
  }
  if (b.word_count != 10 && b.word_count != 13) b.words.fail();
  b.bytes.skip(length + (b.word_count == 13 ? b.words.u16le() : 0));
  b.skip_texts(4);
  return {};
}

/// Section 2.2.4.53.2; with extended security: MS-SMB section 2.2.4.6.2.
Command session_setup_response(Block& b) {
  if (b.word_count == 3 && b.byte_count != 0) b.skip_texts(3);
  if (b.word_count != 4) return {};
  b.words.skip(2);
  const SecurityBlob blob{b.bytes.bytes(b.words.u16le())};
  b.skip_texts(2);
  return blob;
}

/// Section 2.2.4.55.1.
Command tree_connect_request(Block& b) {
  b.words.skip(2);
  b.bytes.skip(b.words.u16le());
  TreeConnectRequest m;
  m.path = b.text();
  m.service = b.ascii();
  return m;
}

/// Section 2.2.4.55.2.
Command tree_connect_response(Block& b) {
  TreeConnectResponse m;
  m.service = b.ascii();
  if (b.byte_count > m.service.size() + 1) m.native_file_system = b.text();
  return m;
}

/// Section 2.2.4.64.1.
Command nt_create_request(Block& b) {
  b.words.skip(1 + 2 + 4 + 4 + 4 + 8 + 4 + 4 + 4 + 4 + 4 + 1);
  return NtCreateRequest{b.text()};
}

/// Section 2.2.4.64.2.
Command nt_create_response(Block& b) {
  NtCreateResponse m;
  b.words.skip(1);
  m.file = b.words.u16le();
  b.words.skip(4);
  m.times = smb::read_file_times(b.words);
  b.words.skip(4 + 8);
  m.size = b.words.u64le();
  return m;
}

/// Section 2.2.4.42.1; twelve words have the upper half of the offset.
Command read_request(Block& b) {
  ReadRequest m;
  m.file = b.words.u16le();
  m.offset = b.words.u32le();
  b.words.skip(2 + 2 + 4 + 2);
  if (b.word_count == 12) m.offset |= uint64_t{b.words.u32le()} << 32;
  return m;
}

/// Section 2.2.4.42.2; the upper half of the length: MS-SMB section 2.2.4.2.2.
Command read_response(Block& b) {
  b.words.skip(2 + 2 + 2);
  const uint16_t length = b.words.u16le(), offset = b.words.u16le();
  const uint32_t high = b.words.u16le();
  return ReadResponse{smb::bytes_at(b.bytes, offset, high << 16 | length)};
}

/// Section 2.2.4.43.1; fourteen words have the upper half of the offset, and the length's: MS-SMB section 2.2.4.3.1.
Command write_request(Block& b) {
  WriteRequest m;
  m.file = b.words.u16le();
  m.offset = b.words.u32le();
  b.words.skip(4 + 2 + 2);
  const uint32_t high = b.words.u16le();
  const uint16_t length = b.words.u16le(), offset = b.words.u16le();
  if (b.word_count == 14) m.offset |= uint64_t{b.words.u32le()} << 32;
  m.data = smb::bytes_at(b.bytes, offset, high << 16 | length);
  return m;
}

/// Section 2.2.4.33.1.
Command transaction_request(Block& b) {
  TransactionRequest m;
  b.words.skip(2 + 2 + 2 + 2 + 1 + 1 + 2 + 4 + 2 + 2 + 2);
  const uint16_t length = b.words.u16le(), offset = b.words.u16le();
  m.name = b.text();
  m.data = smb::bytes_at(b.bytes, offset, length);
  return m;
}

/// Section 2.2.4.33.2.
Command transaction_response(Block& b) {
  b.words.skip(2 + 2 + 2 + 2 + 2 + 2);
  const uint16_t length = b.words.u16le(), offset = b.words.u16le();
  return TransactionResponse{smb::bytes_at(b.bytes, offset, length)};
}

Command request(uint8_t command, Block& b) {
  switch (command) {
    case kClose:
      return CloseRequest{b.words.u16le()};
    case kTransaction:
      return transaction_request(b);
    case kRead:
      return read_request(b);
    case kWrite:
      return write_request(b);
    case kSessionSetup:
      return session_setup_request(b);
    case kTreeConnect:
      return tree_connect_request(b);
    case kNtCreate:
      return nt_create_request(b);
    default:
      return {};
  }
}

Command response(uint8_t command, Block& b) {
  if (b.word_count == 0) return {};  // an error
  switch (command) {
    case kTransaction:
      return transaction_response(b);
    case kRead:
      return read_response(b);
    case kNegotiate:
      return negotiate_response(b);
    case kSessionSetup:
      return session_setup_response(b);
    case kTreeConnect:
      return tree_connect_response(b);
    case kNtCreate:
      return nt_create_response(b);
    default:
      return {};
  }
}

bool read_header(ByteReader& r, Header& h) {
  constexpr uint16_t kUnicode = 0x8000;
  r.skip(4);
  h.command = r.u8();
  r.skip(4 + 1);
  h.unicode = (r.u16le() & kUnicode) != 0;
  r.skip(2 + 8 + 2);
  h.tree_id = r.u16le();
  r.skip(2 + 2);
  h.multiplex_id = r.u16le();
  return r.ok();
}

}  // namespace

bool read_message(Bytes message, bool from_client, Message& out) {
  out = {};
  ByteReader r(message);
  if (!read_header(r, out.header)) return false;
  if (message.size() == kEmptyMessage) return true;
  uint8_t command = out.header.command;
  size_t offset = Header::kSize;
  while (command != kNone) {
    Block b = read_block(out.header, message, offset, chains(command, from_client));
    Command c = from_client ? request(command, b) : response(command, b);
    if (!b.ok()) {
      const bool of_interest = chains(command, from_client) || !std::holds_alternative<std::monostate>(c);
      if (of_interest) out.end = ChainEnd::Malformed;
      break;
    }
    out.commands.push_back(std::move(c));
    command = b.next_command;
    if (command == kNone) break;
    if (out.commands.size() > Message::kMaxDepth) out.too_deep++;
    if (b.next_offset <= offset) {
      out.end = ChainEnd::NotAdvancing;
      break;
    }
    if (out.commands.size() > Message::kMaxDepth + 1) break;
    offset = b.next_offset;
  }
  return true;
}

}  // namespace sensor::smb1
