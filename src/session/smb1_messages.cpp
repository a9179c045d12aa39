// What SMB 1 messages say about files and shares.
#include <ranges>
#include <string>
#include <string_view>

#include "src/session/smb_analyzer.h"

namespace sensor {
namespace {

/// As in Zeek, all pipes of a connection are one.
constexpr uint64_t kPipe = 0;

std::string cut(std::string text) {
  if (text.size() > SmbAnalyzer::kMaxName) text.resize(SmbAnalyzer::kMaxName);
  return text;
}

}  // namespace

/// As in Zeek, what follows a command in a chain is heeded before it, and nothing of a chain that is cut short.
bool SmbAnalyzer::read_smb1(bool from_client, Bytes message) {
  smb1::Message m;
  if (!smb1::read_message(message, from_client, m)) return false;
  begin(m.header, from_client);
  if (m.end == smb1::ChainEnd::Malformed) return false;
  for (const smb1::Command& command : std::views::reverse(m.commands)) std::visit([&](const auto& body) { on(m.header, body); }, command);
  const bool stuck = m.end == smb1::ChainEnd::NotAdvancing;
  for (unsigned i = 0; i < m.too_deep; i++) c_->weird("smb_andx_depth_exceeded", {}, "SMB");
  if (stuck) c_->weird("smb_andx_offset_not_advancing", {}, "SMB");
  if (stuck || m.too_deep > 0) c_->add_history('X');
  return true;
}

void SmbAnalyzer::begin(const smb1::Header& h, bool from_client) {
  pipe_ = state_.pipe_trees.contains(h.tree_id);
  if (!state_.trees.contains(h.tree_id)) {
    state_.set_tree(h.tree_id, std::make_shared<SmbTree>());
    state_.trees[h.tree_id]->ts = c_->now();
  }
  state_.tree = state_.trees[h.tree_id];
  if (state_.pending.size() >= SmbState::kMaxPending) state_.pending.clear();
  const bool answers = state_.pending.contains(h.multiplex_id);
  state_.command = pend(h.multiplex_id);
  if (!answers) state_.command->tree = state_.tree;
  if (!from_client) state_.pending.erase(h.multiplex_id);
}

void SmbAnalyzer::on(const smb1::Header&, const smb1::TreeConnectRequest& m) {
  auto tree = std::make_shared<SmbTree>();
  tree->ts = c_->now();
  tree->path = cut(m.path);
  tree->service = cut(m.service);
  state_.command->tree = std::move(tree);
}

void SmbAnalyzer::on(const smb1::Header& h, const smb1::TreeConnectResponse& m) {
  constexpr std::string_view kPipes = "IPC";
  if (state_.command->tree == nullptr) {
    // The number is that of a request of SMB 2 that gave its tree up.
    c_->weird("smb_tree_connect_andx_response_without_tree", "current_cmd=TREE_DISCONNECT", {});
    return write_tree();
  }
  SmbTree& tree = *state_.command->tree;
  tree.service = cut(m.service);
  if (m.service == kPipes) tree.share_type = "PIPE";
  if (!m.native_file_system.empty()) tree.native_file_system = cut(m.native_file_system);
  if (m.service.starts_with(kPipes)) state_.set_pipe_tree(h.tree_id);
  state_.tree = state_.command->tree;
  state_.set_tree(h.tree_id, state_.tree);
  write_tree();
}

void SmbAnalyzer::on(const smb1::Header& h, const smb1::NtCreateRequest& m) {
  guess_pipe(h.tree_id, m.name);
  state_.file = state_.command->file = std::make_shared<SmbFile>();
  state_.file->ts = c_->now();
  state_.file->name = cut(m.name);
  state_.file->action = SmbAction::FileOpen;
}

void SmbAnalyzer::on(const smb1::Header&, const smb1::NtCreateResponse& m) {
  const smb2::FileId id{m.file, 0};
  state_.files.erase(id);
  state_.set_file(id);
  state_.file->action = SmbAction::FileOpen;
  state_.file->size = m.size;
  set_times(m.times);
  write_file();
}

/// A request about an open file.
void SmbAnalyzer::touch(uint16_t file, SmbAction action) {
  state_.set_file({file, 0});
  state_.file->action = action;
  if (state_.tree->path && !state_.file->path) state_.file->path = state_.tree->path;
}

void SmbAnalyzer::on(const smb1::Header& h, const smb1::ReadRequest& m) {
  touch(m.file, SmbAction::FileRead);
  if (state_.reads.size() >= SmbState::kMaxPending) state_.reads.clear();
  state_.reads[h.multiplex_id] = {m.offset, kPipe};
}

/// An answer does not name its file: as in Zeek, it belongs to the file that was spoken of last.
void SmbAnalyzer::on(const smb1::Header& h, const smb1::ReadResponse& m) {
  const SmbRead read = take_read(h.multiplex_id);
  if (pipe_) {
    through_pipe(kPipe, false, m.data);
  } else {
    file_data(false, read.offset, m.data);
  }
}

void SmbAnalyzer::on(const smb1::Header&, const smb1::WriteRequest& m) {
  touch(m.file, SmbAction::FileWrite);
  if (pipe_) {
    through_pipe(kPipe, true, m.data);
  } else {
    file_data(true, m.offset, m.data);
  }
}

/// Transactions on pipes (MS-CIFS section 2.2.5), but those of the Remote Administration Protocol; the name of others does not tell, but
/// their share may.
void SmbAnalyzer::on(const smb1::Header& h, const smb1::TransactionRequest& m) {
  const bool names_pipe = m.name.starts_with("\\PIPE\\"), administers = m.name.starts_with("\\PIPE\\LANMAN");
  if (names_pipe && !administers) through_pipe(kPipe, true, m.data);
  if (names_pipe ? administers : !pipe_) {
    state_.pipe_transactions.erase(h.multiplex_id);
    return;
  }
  if (state_.pipe_transactions.size() >= SmbState::kMaxPending) state_.pipe_transactions.clear();
  state_.pipe_transactions.insert(h.multiplex_id);
}

void SmbAnalyzer::on(const smb1::Header& h, const smb1::TransactionResponse& m) {
  if (state_.pipe_transactions.erase(h.multiplex_id) != 0) through_pipe(kPipe, false, m.data);
}

void SmbAnalyzer::on(const smb1::Header&, const smb1::CloseRequest& m) {
  const smb2::FileId id{m.file, 0};
  state_.set_file(id);
  state_.file->action = SmbAction::FileClose;
  if (state_.tree->path) state_.file->path = state_.tree->path;
  state_.files.erase(id);
  end_of_file();
}

}  // namespace sensor
