#include "dpi/smb/smb2.h"

#include <algorithm>
#include <string_view>

namespace sensor::smb {

Protocol protocol(Bytes message) {
  if (message.size() < 4 || as_chars(message.subspan(1, 3)) != "SMB") return Protocol::Other;
  switch (message[0]) {
    case 0xff:
      return Protocol::Smb1;
    case 0xfe:
      return Protocol::Smb2;
    case 0xfd:
      return Protocol::Encrypted;
    default:
      return Protocol::Other;
  }
}

bool has_transform_header(Bytes message) {
  constexpr size_t kTransformHeader = 52;
  return message.size() >= kTransformHeader;
}

}  // namespace sensor::smb

namespace sensor::smb2 {
namespace {

using smb::bytes_at;

FileId read_file_id(ByteReader& r) {
  FileId id;
  id.persistent = r.u64le();
  id.volatile_part = r.u64le();
  return id;
}

/// Section 2.2.4.
SecurityBlob negotiate_response(ByteReader& r) {
  r.skip(2 + 2 + 2 + 2 + 16 + 4 + 4 + 4 + 4 + 8 + 8);
  const uint16_t offset = r.u16le(), length = r.u16le();
  return {bytes_at(r, offset, length)};
}

/// Sections 2.2.5 and 2.2.6.
SecurityBlob session_setup(ByteReader& r, bool from_client) {
  r.skip(from_client ? 2 + 1 + 1 + 4 + 4 : 2 + 2);
  const uint16_t offset = r.u16le(), length = r.u16le();
  return {bytes_at(r, offset, length)};
}

/// Section 2.2.9.
TreeConnectRequest tree_connect_request(ByteReader& r) {
  r.skip(2 + 2);
  const uint16_t offset = r.u16le(), length = r.u16le();
  return {bytes_at(r, offset, length)};
}

/// Section 2.2.10.
TreeConnectResponse tree_connect_response(ByteReader& r) {
  r.skip(2);
  const uint8_t share_type = r.u8();
  r.skip(1 + 4 + 4 + 4);
  return {share_type};
}

/// Section 2.2.13.
CreateRequest create_request(ByteReader& r) {
  CreateRequest c;
  r.skip(2 + 1 + 1 + 4 + 8 + 8 + 4 + 4 + 4 + 4);
  c.options = r.u32le();
  const uint16_t offset = r.u16le(), length = r.u16le();
  const uint32_t contexts = r.u32le(), contexts_length = r.u32le();
  c.name = bytes_at(r, offset, length);
  bytes_at(r, contexts, contexts_length);
  return c;
}

/// Section 2.2.14.
CreateResponse create_response(ByteReader& r) {
  CreateResponse c;
  r.skip(2 + 1 + 1 + 4);
  c.times = smb::read_file_times(r);
  r.skip(8);
  c.size = r.u64le();
  r.skip(4 + 4);
  c.file = read_file_id(r);
  const uint32_t contexts = r.u32le(), contexts_length = r.u32le();
  bytes_at(r, contexts, contexts_length);
  return c;
}

/// Section 2.2.15.
CloseRequest close_request(ByteReader& r) {
  r.skip(2 + 2 + 4);
  return {read_file_id(r)};
}

/// Section 2.2.19.
ReadRequest read_request(ByteReader& r) {
  ReadRequest m;
  r.skip(2 + 1 + 1 + 4);
  m.offset = r.u64le();
  m.file = read_file_id(r);
  return m;
}

/// Section 2.2.20.
ReadResponse read_response(ByteReader& r) {
  r.skip(2);
  const uint8_t offset = r.u8();
  r.skip(1);
  const uint32_t length = r.u32le();
  r.skip(4 + 4);
  return {bytes_at(r, offset, length)};
}

/// Section 2.2.21.
WriteRequest write_request(ByteReader& r) {
  WriteRequest m;
  r.skip(2);
  const uint16_t offset = r.u16le();
  const uint32_t length = r.u32le();
  m.offset = r.u64le();
  m.file = read_file_id(r);
  r.skip(4 + 4 + 2 + 2 + 4);
  m.data = bytes_at(r, offset, length);
  return m;
}

/// Section 2.2.31.
IoctlRequest ioctl_request(ByteReader& r) {
  IoctlRequest m;
  r.skip(2 + 2);
  m.code = r.u32le();
  m.file = read_file_id(r);
  const uint32_t offset = r.u32le(), length = r.u32le();
  r.skip(4 + 4 + 4 + 4 + 4 + 4);
  m.input = bytes_at(r, offset, length);
  return m;
}

/// Section 2.2.32.
IoctlResponse ioctl_response(ByteReader& r) {
  IoctlResponse m;
  r.skip(2 + 2);
  m.code = r.u32le();
  r.skip(16 + 4 + 4);
  const uint32_t offset = r.u32le(), length = r.u32le();
  r.skip(4 + 4);
  m.output = bytes_at(r, offset, length);
  return m;
}

/// Section 2.2.39; the classes of information are those of MS-FSCC section 2.4.
Body set_info_request(ByteReader& r) {
  constexpr uint8_t kFile = 1, kBasic = 4, kRename = 10, kDisposition = 13;
  r.skip(2);
  const uint8_t type = r.u8(), level = r.u8();
  const uint32_t length = r.u32le();
  const uint16_t offset = r.u16le();
  r.skip(2 + 4);
  const FileId file = read_file_id(r);
  ByteReader info(bytes_at(r, offset, length));
  Body body;
  if (type != kFile || !r.ok()) return body;
  if (level == kBasic) {
    info.skip(4 * 8 + 4);
    body = SetAttributesRequest{file};
  } else if (level == kRename) {
    info.skip(1 + 7 + 8);
    const uint32_t name_length = info.u32le();
    body = RenameRequest{file, info.bytes(name_length)};
  } else if (level == kDisposition) {
    body = DeleteRequest{file, info.u8() != 0};
  }
  if (!info.ok()) r.fail();
  return body;
}

Body request(Command command, ByteReader& r) {
  switch (command) {
    case Command::SessionSetup:
      return session_setup(r, true);
    case Command::TreeConnect:
      return tree_connect_request(r);
    case Command::TreeDisconnect:
      r.skip(4);
      return TreeDisconnectRequest{};
    case Command::Create:
      return create_request(r);
    case Command::Close:
      return close_request(r);
    case Command::Read:
      return read_request(r);
    case Command::Write:
      return write_request(r);
    case Command::Ioctl:
      return ioctl_request(r);
    case Command::SetInfo:
      return set_info_request(r);
    default:
      return {};
  }
}

Body response(Command command, ByteReader& r) {
  switch (command) {
    case Command::Negotiate:
      return negotiate_response(r);
    case Command::SessionSetup:
      return session_setup(r, false);
    case Command::TreeConnect:
      return tree_connect_response(r);
    case Command::Create:
      return create_response(r);
    case Command::Read:
      return read_response(r);
    case Command::Ioctl:
      return ioctl_response(r);
    default:
      return {};
  }
}

}  // namespace

bool read_header(ByteReader& message, Header& out) {
  message.skip(4 + 2 + 2);
  out.status = message.u32le();
  out.command = static_cast<Command>(message.u16le());
  message.skip(2 + 4);
  out.next = message.u32le();
  out.message_id = message.u64le();
  message.skip(4);
  out.tree_id = message.u32le();
  message.skip(8 + 16);
  return message.ok();
}

bool is_error(const Header& response) {
  const Command c = response.command;
  switch (response.status) {
    case smb::kStatusSuccess:
      return false;
    case smb::kStatusBufferOverflow:
      return c != Command::Ioctl && c != Command::QueryInfo && c != Command::Read;
    case smb::kStatusInvalidParameter:
      return c != Command::Ioctl;
    case smb::kStatusMoreProcessingRequired:
      return c != Command::SessionSetup;
    case smb::kStatusNotifyEnumDir:
      return c != Command::ChangeNotify;
    default:
      return true;
  }
}

bool read_body(const Header& header, Bytes message, bool from_client, Body& out) {
  out = {};
  if (!from_client && is_error(header)) return true;
  ByteReader r(message);
  r.skip(Header::kSize);
  out = from_client ? request(header.command, r) : response(header.command, r);
  return r.ok();
}

}  // namespace sensor::smb2
