// A client and a server of SMB 2 on one connection, message by message.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "fake_context.h"
#include "sensor/session/file_analysis.h"
#include "smb_messages.h"
#include "src/session/smb_analyzer.h"

namespace sensor::test {

struct SmbConversation : testing::Test {
  static constexpr uint32_t kTree = 5;

  FakeContext c;
  FileAnalysis files;
  SmbAnalyzer analyzer;
  uint64_t message_id = 0;

  SmbConversation() { c.file_analysis = &files; }
  void client(const std::string& message) { analyzer.on_data(c, Direction::Orig, as_bytes(smb_frame(message))); }
  void server(const std::string& message) { analyzer.on_data(c, Direction::Resp, as_bytes(smb_frame(message))); }
  /// A request and its answer.
  void ask(uint16_t command, const std::string& request, const std::string& response, uint32_t tree = kTree) {
    client(smb2_message({command, ++message_id, tree}, request));
    server(smb2_message({command, message_id, tree}, response));
  }
  void map(const std::string& path = "\\\\h\\share", uint8_t type = 1) {
    client(smb2_message({3, ++message_id, 0}, smb2_tree_connect(path)));
    server(smb2_message({3, message_id, kTree}, smb2_tree_connected(type)));
  }
};

}  // namespace sensor::test
