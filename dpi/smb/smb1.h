// SMB 1 (MS-CIFS, MS-SMB): headers, chains of commands, and the commands that open, move, and close files and pipes.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "dpi/smb/smb.h"

namespace sensor::smb1 {

/// MS-CIFS section 2.2.3.1.
struct Header {
  static constexpr size_t kSize = 32;

  uint8_t command = 0;
  bool unicode = false;
  uint16_t tree_id = 0, multiplex_id = 0;
};

// Texts are UTF-8; spans point into the message.

/// What the negotiation and the sessions' set-up carry for the authentication: GSSAPI tokens.
struct SecurityBlob {
  Bytes token;
};
struct TreeConnectRequest {
  std::string path, service;
};
struct TreeConnectResponse {
  std::string service, native_file_system;
};
struct NtCreateRequest {
  std::string name;
};
struct NtCreateResponse {
  uint16_t file = 0;
  uint64_t size = 0;
  smb::FileTimes times;
};
struct CloseRequest {
  uint16_t file = 0;
};
struct ReadRequest {
  uint16_t file = 0;
  uint64_t offset = 0;
};
struct ReadResponse {
  Bytes data;
};
struct WriteRequest {
  uint16_t file = 0;
  uint64_t offset = 0;
  Bytes data;
};
/// SMB_COM_TRANSACTION, which writes to a pipe and reads the answer where the name begins with "\PIPE\".
struct TransactionRequest {
  std::string name;
  Bytes data;
};
struct TransactionResponse {
  Bytes data;
};

using Command = std::variant<std::monostate, SecurityBlob, TreeConnectRequest, TreeConnectResponse, NtCreateRequest, NtCreateResponse,
                             CloseRequest, ReadRequest, ReadResponse, WriteRequest, TransactionRequest, TransactionResponse>;

/// Why a chain of commands ended.
enum class ChainEnd : uint8_t {
  Complete,
  Malformed,     // a command is cut short
  NotAdvancing,  // the next command would not come behind this one
};

struct Message {
  /// As in Zeek: commands may follow so many others, and two more do before the chain is given up.
  static constexpr size_t kMaxDepth = 10;

  Header header;
  std::vector<Command> commands;  // monostate: of no interest here
  ChainEnd end = ChainEnd::Complete;
  unsigned too_deep = 0;  // commands of the chain that had another one behind them beyond kMaxDepth
};

/// Reads a message, its mark included. False where the header is cut short. A message without words and bytes has no commands.
bool read_message(Bytes message, bool from_client, Message& out);

}  // namespace sensor::smb1
