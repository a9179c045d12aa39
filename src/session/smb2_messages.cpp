// What SMB 2 and 3 messages say about files and shares.
#include <algorithm>
#include <string>

#include "sensor/base/utf16.h"
#include "src/session/smb_analyzer.h"

namespace sensor {
namespace {

std::string text(Bytes utf16) {
  return utf16le_to_utf8(utf16.first(std::min(utf16.size(), SmbAnalyzer::kMaxName)));
}

/// MS-SMB2 section 2.2.10.
std::string share_type_name(uint8_t type) {
  switch (type) {
    case 1:
      return "DISK";
    case 2:
      return "PIPE";
    case 3:
      return "PRINT";
    default:
      return "unknown-" + std::to_string(type);
  }
}

/// A pipe as Zeek tells it from others.
uint64_t pipe_id(const smb2::FileId& file) {
  return file.persistent + file.volatile_part;
}

SmbTreePtr make_tree(TimeNs now) {
  auto tree = std::make_shared<SmbTree>();
  tree->ts = now;
  return tree;
}

}  // namespace

bool SmbAnalyzer::read_compound(bool from_client, Bytes compound) {
  while (smb::protocol(compound) == smb::Protocol::Smb2) {
    smb2::Header h;
    ByteReader r(compound);
    if (!smb2::read_header(r, h)) return false;
    begin(h, from_client);
    if (h.next != 0 && (h.next < smb2::Header::kSize || h.next > compound.size())) return false;
    smb2::Body body;
    if (!smb2::read_body(h, h.next == 0 ? compound : compound.first(h.next), from_client, body)) return false;
    std::visit([&](const auto& m) { on(h, m); }, body);
    if (h.next == 0) break;
    compound = compound.subspan(h.next);
  }
  return true;
}

/// A response belongs to the tree of its request: servers need not repeat it.
void SmbAnalyzer::begin(const smb2::Header& h, bool from_client) {
  const auto waiting = state_.pending.find(h.message_id);
  const uint32_t asked = waiting == state_.pending.end() ? 0 : waiting->second->tree_id;
  pipe_ = state_.pipe_trees.contains(from_client ? h.tree_id : asked);
  if (from_client && state_.pending.size() >= SmbState::kMaxPending) discard_state("tree");
  state_.command = pend(h.message_id);
  SmbCommand& command = *state_.command;
  if (from_client) command.tree_id = h.tree_id;
  if (h.tree_id == 0) {
    command.tree = make_tree(c_->now());
  } else {
    if (command.tree != nullptr) {
      state_.set_tree(h.tree_id, command.tree);
    } else if (!state_.trees.contains(h.tree_id)) {
      state_.set_tree(h.tree_id, make_tree(c_->now()));
    }
    command.tree = state_.trees[h.tree_id];
  }
  state_.file = command.file;
  state_.tree = command.tree;
  if (!from_client && h.status != smb::kStatusPending) state_.pending.erase(h.message_id);
}

void SmbAnalyzer::on(const smb2::Header&, const smb2::TreeConnectRequest& m) {
  state_.tree->path = text(m.path);
}

void SmbAnalyzer::on(const smb2::Header& h, const smb2::TreeConnectResponse& m) {
  state_.tree->share_type = share_type_name(m.share_type);
  if (state_.tree->share_type == "PIPE") state_.set_pipe_tree(h.tree_id);
  write_tree();
}

void SmbAnalyzer::on(const smb2::Header& h, const smb2::TreeDisconnectRequest&) {
  state_.pipe_trees.erase(h.tree_id);
  if (state_.trees.erase(h.tree_id) == 0) return;
  state_.tree = state_.command->tree = nullptr;
}

/// A request about an open file.
void SmbAnalyzer::touch(const smb2::FileId& file, const Actions& actions) {
  state_.set_file(file);
  if (state_.tree == nullptr) return;
  const std::string& type = state_.tree->share_type;
  state_.file->action = type == "PIPE" ? actions.pipe : type == "PRINT" ? actions.print : actions.disk;
}

void SmbAnalyzer::on(const smb2::Header& h, const smb2::CreateRequest& m) {
  std::string name = text(m.name);
  guess_pipe(h.tree_id, name);
  state_.file->name = name.empty() ? "<share_root>" : std::move(name);
  state_.command->create_options = m.options;
  if (state_.tree == nullptr) return;
  const std::string& type = state_.tree->share_type;
  state_.file->action = type == "PIPE" ? SmbAction::PipeOpen : type == "PRINT" ? SmbAction::PrintOpen : SmbAction::FileOpen;
}

void SmbAnalyzer::on(const smb2::Header& h, const smb2::CreateResponse& m) {
  state_.set_file(m.file);
  state_.file->size = m.size;
  if (state_.tree != nullptr && state_.tree->path) state_.file->path = state_.tree->path;
  set_times(m.times);
  write_file();
  if (h.status == smb::kStatusSuccess && (state_.command->create_options & smb2::kDeleteOnClose) != 0)
    on(h, smb2::DeleteRequest{m.file, true});
}

void SmbAnalyzer::on(const smb2::Header& h, const smb2::ReadRequest& m) {
  touch(m.file, {SmbAction::FileRead, SmbAction::PipeRead, SmbAction::PrintRead});
  if (state_.reads.size() >= SmbState::kMaxPending) {
    discard_state("read");
    state_.reads.clear();
  }
  state_.reads[h.message_id] = {m.offset, pipe_id(m.file)};
}

void SmbAnalyzer::on(const smb2::Header& h, const smb2::ReadResponse& m) {
  const SmbRead read = take_read(h.message_id);
  if (pipe_) {
    through_pipe(read.pipe, false, m.data);
  } else {
    file_data(false, read.offset, m.data);
  }
}

/// The read that is answered.
SmbRead SmbAnalyzer::take_read(uint64_t message_id) {
  const auto node = state_.reads.extract(message_id);
  return node.empty() ? SmbRead{} : node.mapped();
}

void SmbAnalyzer::on(const smb2::Header&, const smb2::WriteRequest& m) {
  touch(m.file, {SmbAction::FileWrite, SmbAction::PipeWrite, SmbAction::PrintWrite});
  if (pipe_) {
    through_pipe(pipe_id(m.file), true, m.data);
  } else {
    file_data(true, m.offset, m.data);
  }
}

void SmbAnalyzer::on(const smb2::Header& h, const smb2::IoctlRequest& m) {
  if (state_.transceivers.size() >= SmbState::kMaxPending) {
    discard_state("ioctl");
    state_.transceivers.clear();
  }
  const uint64_t pipe = state_.transceivers[h.message_id] = pipe_id(m.file);
  if (m.code == smb2::kPipeTransceive) through_pipe(pipe, true, m.input);
}

void SmbAnalyzer::on(const smb2::Header& h, const smb2::IoctlResponse& m) {
  const auto node = state_.transceivers.extract(h.message_id);
  if (m.code == smb2::kPipeTransceive) through_pipe(node.empty() ? 0 : node.mapped(), false, m.output);
}

void SmbAnalyzer::on(const smb2::Header&, const smb2::SetAttributesRequest& m) {
  constexpr SmbAction kAction = SmbAction::FileSetAttribute;
  touch(m.file, {kAction, kAction, kAction});
}

void SmbAnalyzer::on(const smb2::Header&, const smb2::RenameRequest& m) {
  constexpr SmbAction kAction = SmbAction::FileRename;
  touch(m.file, {kAction, kAction, kAction});
  if (state_.file->name) state_.file->prev_name = state_.file->name;
  state_.file->name = text(m.name);
  write_file();
}

void SmbAnalyzer::on(const smb2::Header&, const smb2::DeleteRequest& m) {
  constexpr SmbAction kAction = SmbAction::FileDelete;
  if (m.pending) {
    touch(m.file, {kAction, kAction, kAction});
  } else {
    state_.set_file(m.file);
  }
  write_file();
}

void SmbAnalyzer::on(const smb2::Header&, const smb2::CloseRequest& m) {
  calls_.close(pipe_id(m.file));
  touch(m.file, {SmbAction::FileClose, SmbAction::PipeClose, SmbAction::PrintClose});
  if (state_.tree != nullptr && state_.tree->path) state_.file->path = state_.tree->path;
  state_.files.erase(m.file);
  write_file();
  end_of_file();
}

}  // namespace sensor
