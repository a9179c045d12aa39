// What is known of an SMB connection's shares, files and unanswered requests, as Zeek's scripts keep it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

#include "dpi/smb/smb.h"
#include "dpi/smb/smb2.h"
#include "sensor/record/types.h"

namespace sensor {

/// Zeek's names with a kind of share before them; the order is that of kSmbActionNames.
enum class SmbAction : uint8_t {
  FileRead,
  FileWrite,
  FileOpen,
  FileClose,
  FileDelete,
  FileRename,
  FileSetAttribute,
  PipeRead,
  PipeWrite,
  PipeOpen,
  PipeClose,
  PrintRead,
  PrintWrite,
  PrintOpen,
  PrintClose,
};

/// A file as the row of smb_files.log has it. Its first request made it; its id is known with the answer.
struct SmbFile {
  TimeNs ts = 0;
  std::optional<Uid> fuid;
  std::optional<SmbAction> action;
  std::optional<std::string> path, name, prev_name;
  uint64_t size = 0;
  std::optional<smb::FileTimes> times;
};

/// A share that is mapped.
struct SmbTree {
  TimeNs ts = 0;
  std::optional<std::string> path, service, native_file_system;
  std::string share_type = "DISK";
};

using SmbFilePtr = std::shared_ptr<SmbFile>;
using SmbTreePtr = std::shared_ptr<SmbTree>;

/// A request that waits for its answer.
struct SmbCommand {
  SmbFilePtr file;
  SmbTreePtr tree;  // null where the request gave it up
  uint32_t tree_id = 0;
  uint32_t create_options = 0;
};
using SmbCommandPtr = std::shared_ptr<SmbCommand>;

/// A read that waits for its answer: where it begins, and of which pipe it is if it is of one.
struct SmbRead {
  uint64_t offset = 0;
  uint64_t pipe = 0;
};

/// Files are shared between a command and the table of open files: the rest of a compound speaks of the file that its first part opens.
/// Where a table is full, it is emptied, as Zeek empties its own.
struct SmbState {
  /// Zeek's max_pending_messages.
  static constexpr size_t kMaxPending = 1000;
  static constexpr size_t kMaxFiles = 1024;
  static constexpr size_t kMaxTrees = 256;
  static constexpr size_t kMaxRecent = 4096;

  SmbCommandPtr command;  // of the message at hand
  SmbFilePtr file;        // the last one spoken of
  SmbTreePtr tree;

  std::map<uint64_t, SmbCommandPtr> pending;  // by message or multiplex id
  std::map<smb2::FileId, SmbFilePtr> files;   // SMB 1: the id is the persistent part
  std::map<uint32_t, SmbTreePtr> trees;
  std::set<uint32_t> pipe_trees;                // trees whose files are pipes
  std::map<uint64_t, SmbRead> reads;            // by message or multiplex id
  std::map<uint64_t, uint64_t> transceivers;    // SMB 2: pipes whose controls were asked for something, by message id
  std::set<uint16_t> pipe_transactions;         // SMB 1: those whose answers come from a pipe, by multiplex id
  std::unordered_map<uint64_t, TimeNs> recent;  // rows that were written, when they were last about to be

  /// The file with this id; if it is not known, the one of the command at hand gets the id.
  void set_file(const smb2::FileId& id) {
    if (files.size() >= kMaxFiles && !files.contains(id)) files.clear();
    const auto it = files.emplace(id, command->file).first;
    command->file = file = it->second;
  }
  void set_tree(uint32_t id, SmbTreePtr t) {
    if (trees.size() >= kMaxTrees && !trees.contains(id)) trees.clear();
    trees[id] = std::move(t);
  }
  void set_pipe_tree(uint32_t id) {
    if (pipe_trees.size() >= kMaxTrees) pipe_trees.clear();
    pipe_trees.insert(id);
  }
};

}  // namespace sensor
