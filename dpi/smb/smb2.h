// SMB 2 and 3 (MS-SMB2): headers, and the commands that open, move, and close files and pipes.
#pragma once

#include <compare>
#include <cstdint>
#include <variant>

#include "dpi/smb/smb.h"

namespace sensor::smb2 {

enum class Command : uint16_t {
  Negotiate = 0,
  SessionSetup = 1,
  TreeConnect = 3,
  TreeDisconnect = 4,
  Create = 5,
  Close = 6,
  Read = 8,
  Write = 9,
  Ioctl = 11,
  ChangeNotify = 15,
  QueryInfo = 16,
  SetInfo = 17,
};

/// MS-SMB2 section 2.2.1.
struct Header {
  static constexpr size_t kSize = 64;

  uint32_t status = 0;  // of responses
  Command command{};
  uint32_t next = 0;  // where the next message of a compound begins, from the beginning of this one; 0: there is none
  uint64_t message_id = 0;
  uint32_t tree_id = 0;
};
/// From the beginning of the message, its mark included. False where it is cut short.
bool read_header(ByteReader& message, Header& out);

/// All ones: the file of the message before, in a compound.
struct FileId {
  uint64_t persistent = 0, volatile_part = 0;
  auto operator<=>(const FileId&) const = default;
};

// Texts are UTF-16 in little-endian order. All spans point into the message.

/// What the negotiation and the sessions' set-up carry for the authentication: GSSAPI tokens.
struct SecurityBlob {
  Bytes token;
};
struct TreeConnectRequest {
  Bytes path;
};
struct TreeConnectResponse {
  uint8_t share_type = 0;
};
struct TreeDisconnectRequest {};
struct CreateRequest {
  Bytes name;
  uint32_t options = 0;
};
/// Of CreateRequest::options.
inline constexpr uint32_t kDeleteOnClose = 0x1000;
struct CreateResponse {
  FileId file;
  uint64_t size = 0;
  smb::FileTimes times;
};
struct CloseRequest {
  FileId file;
};
struct ReadRequest {
  FileId file;
  uint64_t offset = 0;
};
struct ReadResponse {
  Bytes data;
};
struct WriteRequest {
  FileId file;
  uint64_t offset = 0;
  Bytes data;
};
/// kPipeTransceive writes to a pipe and reads the answer.
inline constexpr uint32_t kPipeTransceive = 0x0011c017;
struct IoctlRequest {
  FileId file;
  uint32_t code = 0;
  Bytes input;
};
struct IoctlResponse {
  uint32_t code = 0;
  Bytes output;
};
struct SetAttributesRequest {
  FileId file;
};
struct RenameRequest {
  FileId file;
  Bytes name;
};
struct DeleteRequest {
  FileId file;
  bool pending = false;
};

using Body = std::variant<std::monostate, SecurityBlob, TreeConnectRequest, TreeConnectResponse, TreeDisconnectRequest, CreateRequest,
                          CreateResponse, CloseRequest, ReadRequest, ReadResponse, WriteRequest, IoctlRequest, IoctlResponse,
                          SetAttributesRequest, RenameRequest, DeleteRequest>;

/// What follows the header; nothing (monostate) for other commands and for errors. `message` ends where the next of a compound begins.
/// False where it is cut short.
bool read_body(const Header& header, Bytes message, bool from_client, Body& out);

/// An error comes instead of the command's response (MS-SMB2 section 3.3.4.4).
bool is_error(const Header& response);

}  // namespace sensor::smb2
