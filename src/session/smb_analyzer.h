// SMB on one connection: rows of smb_files.log and smb_mapping.log, and the files it carries.
#pragma once

#include <array>
#include <string_view>

#include "dpi/smb/frames.h"
#include "dpi/smb/smb1.h"
#include "dpi/smb/smb2.h"
#include "sensor/session/analyzer.h"
#include "sensor/session/file_analysis.h"
#include "sensor/session/protocols.h"
#include "src/session/authentication.h"
#include "src/session/dce_rpc_calls.h"
#include "src/session/smb_state.h"

namespace sensor {

/// Reads all versions; a connection may begin with SMB 1 and go on with SMB 2. What is encrypted is skipped.
class SmbAnalyzer final : public Analyzer {
 public:
  /// Longer names of files and shares are cut off; in bytes of UTF-16.
  static constexpr size_t kMaxName = 8192;

  void on_data(AnalyzerContext& c, Direction d, Bytes bytes) override;
  void on_gap(AnalyzerContext& c, Direction d, uint64_t bytes) override;
  void on_finish(AnalyzerContext& c) override;

 private:
  /// How files and pipes are called in a share of a kind.
  struct Actions {
    SmbAction disk, pipe, print;
  };

  // False: malformed.
  bool read_message(Direction d, Bytes message);
  bool read_smb1(bool from_client, Bytes message);
  bool read_compound(bool from_client, Bytes compound);

  /// Messages that say nothing about files and shares.
  template <class Header, class Message>
  void on(const Header&, const Message&) {}

  void on(const smb1::Header&, const smb1::SecurityBlob& m) { authenticate(m.token); }
  void on(const smb2::Header&, const smb2::SecurityBlob& m) { authenticate(m.token); }
  void authenticate(Bytes token);

  // smb1_messages.cpp.
  void begin(const smb1::Header& h, bool from_client);
  void on(const smb1::Header& h, const smb1::TreeConnectRequest& m);
  void on(const smb1::Header& h, const smb1::TreeConnectResponse& m);
  void on(const smb1::Header& h, const smb1::NtCreateRequest& m);
  void on(const smb1::Header& h, const smb1::NtCreateResponse& m);
  void on(const smb1::Header& h, const smb1::CloseRequest& m);
  void on(const smb1::Header& h, const smb1::ReadRequest& m);
  void on(const smb1::Header& h, const smb1::ReadResponse& m);
  void on(const smb1::Header& h, const smb1::WriteRequest& m);
  void on(const smb1::Header& h, const smb1::TransactionRequest& m);
  void on(const smb1::Header& h, const smb1::TransactionResponse& m);
  void touch(uint16_t file, SmbAction action);

  // smb2_messages.cpp.
  void begin(const smb2::Header& h, bool from_client);
  void on(const smb2::Header& h, const smb2::TreeConnectRequest& m);
  void on(const smb2::Header& h, const smb2::TreeConnectResponse& m);
  void on(const smb2::Header& h, const smb2::TreeDisconnectRequest& m);
  void on(const smb2::Header& h, const smb2::CreateRequest& m);
  void on(const smb2::Header& h, const smb2::CreateResponse& m);
  void on(const smb2::Header& h, const smb2::CloseRequest& m);
  void on(const smb2::Header& h, const smb2::ReadRequest& m);
  void on(const smb2::Header& h, const smb2::ReadResponse& m);
  void on(const smb2::Header& h, const smb2::WriteRequest& m);
  void on(const smb2::Header& h, const smb2::IoctlRequest& m);
  void on(const smb2::Header& h, const smb2::IoctlResponse& m);
  void on(const smb2::Header& h, const smb2::SetAttributesRequest& m);
  void on(const smb2::Header& h, const smb2::RenameRequest& m);
  void on(const smb2::Header& h, const smb2::DeleteRequest& m);
  void touch(const smb2::FileId& file, const Actions& actions);

  SmbCommandPtr pend(uint64_t message_id);
  void guess_pipe(uint32_t tree_id, std::string_view name);
  void discard_state(std::string_view which);
  SmbRead take_read(uint64_t message_id);
  void through_pipe(uint64_t pipe, bool from_client, Bytes data);
  void set_times(const smb::FileTimes& times);

  // smb_files.cpp.
  void file_data(bool is_orig, uint64_t offset, Bytes data);
  void end_of_file();
  bool has_handle() const;
  Uid fuid() const;
  void write_file();
  bool is_recent(const SmbFile& file);
  void write_tree();

  smb::Frames frames_;
  SmbState state_;
  Authentication authentication_;
  Authentication::Gssapi gssapi_;
  DceRpcCalls calls_{authentication_};
  AnalyzerContext* c_ = nullptr;  // valid during a call from the session
  bool pipe_ = false;             // the message at hand is about a pipe
  bool smb2_ = false;             // there was a message of SMB 2
  unsigned pieces_ = 0;           // that were read, up to kSure
};

inline constexpr std::array<uint16_t, 2> kSmbPorts{139, 445};
Probe probe_smb(const ProbeInput& in);

}  // namespace sensor
