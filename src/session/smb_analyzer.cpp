#include "src/session/smb_analyzer.h"

#include <algorithm>
#include <string>

#include "dpi/ndpi/ndpi_classifier.h"

namespace sensor {
namespace {

/// Zeek takes a connection for SMB after so many pieces that can be read.
constexpr unsigned kSure = 3;

}  // namespace

void SmbAnalyzer::on_data(AnalyzerContext& c, Direction d, Bytes bytes) {
  c_ = &c;
  const bool from_client = d == Direction::Orig;
  if (!frames_.add(from_client, bytes)) return;
  bool good = true;
  while (good) {
    const std::optional<Bytes> message = frames_.next(from_client);
    if (!message) break;
    good = read_message(d, *message);
  }
  if (!good || frames_.malformed()) {
    frames_.give_up(from_client);
    return c.violation("malformed SMB message");
  }
  if (pieces_ >= kSure || ++pieces_ < kSure) return;
  c.confirm("smb");
  c.variant(smb2_ ? ConfirmedProtocol::Smb2 : ConfirmedProtocol::Smb1);
}

/// Reading goes on with the next message that begins a piece.
void SmbAnalyzer::on_gap(AnalyzerContext&, Direction, uint64_t) {
  frames_.resync();
}

void SmbAnalyzer::on_finish(AnalyzerContext& c) {
  calls_.finish(c);
  authentication_.finish(c);
}

void SmbAnalyzer::through_pipe(uint64_t pipe, bool from_client, Bytes data) {
  if (calls_.add(*c_, pipe, from_client, data)) c_->confirm_carried("dce_rpc");
}

/// NTLM may come without GSSAPI around it.
void SmbAnalyzer::authenticate(Bytes token) {
  constexpr size_t kShortest = 8;
  if (token.size() < kShortest) return;
  if (as_chars(token).starts_with("NTLMSSP")) {
    authentication_.ntlm_message(*c_, token);
  } else {
    authentication_.gssapi_token(*c_, gssapi_, token);
  }
}

bool SmbAnalyzer::read_message(Direction d, Bytes message) {
  const bool from_client = d == Direction::Orig;
  smb2_ |= smb::protocol(message) == smb::Protocol::Smb2;
  switch (smb::protocol(message)) {
    case smb::Protocol::Smb1:
      return read_smb1(from_client, message);
    case smb::Protocol::Smb2:
      return read_compound(from_client, message);
    case smb::Protocol::Encrypted:
      return smb::has_transform_header(message);
    case smb::Protocol::Other:
      break;
  }
  return true;
}

/// The command that the message at hand belongs to; a new one where the request was not seen.
SmbCommandPtr SmbAnalyzer::pend(uint64_t message_id) {
  SmbCommandPtr& command = state_.pending[message_id];
  if (command == nullptr) {
    command = std::make_shared<SmbCommand>();
    command->file = std::make_shared<SmbFile>();
    command->file->ts = c_->now();
  }
  return command;
}

/// Where the share's mapping was not seen, the name may tell that it is one of pipes.
void SmbAnalyzer::guess_pipe(uint32_t tree_id, std::string_view name) {
  static constexpr auto kPipes =
      std::to_array<std::string_view>({"spoolss", "winreg", "samr", "srvsvc", "netdfs", "lsarpc", "wkssvc", "MsFteWds"});
  if (pipe_ || std::ranges::find(kPipes, name) == kPipes.end()) return;
  state_.set_pipe_tree(tree_id);
  if (state_.tree == nullptr) return;
  state_.tree->path = "<unknown>";
  state_.tree->share_type = "PIPE";
}

/// Too many requests wait for their answers: all of them are given up, and the open files with them.
void SmbAnalyzer::discard_state(std::string_view which) {
  std::string addl = "state=";
  addl += which;
  addl += " fid_map=" + std::to_string(state_.files.size()) + " tid_map=" + std::to_string(state_.trees.size()) +
          " pending_cmds=" + std::to_string(state_.pending.size()) + " pipe_map=0";
  c_->weird("SMB_discarded_messages_state", addl, "SMB2");
  state_.files.clear();
  state_.pending.clear();
}

Probe probe_smb(const ProbeInput& in) {
  const smb::Match orig = smb::begins_with_message(in.orig), resp = smb::begins_with_message(in.resp);
  if (orig == smb::Match::Yes || resp == smb::Match::Yes) return Probe::Certain;
  return orig == smb::Match::Unsure || resp == smb::Match::Unsure ? Probe::Unsure : Probe::NotForUs;
}

}  // namespace sensor
