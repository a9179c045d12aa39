// Remote procedure calls on a connection: rows of dce_rpc.log.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "dpi/dce_rpc/interfaces.h"
#include "dpi/dce_rpc/stream.h"
#include "sensor/session/analyzer.h"
#include "src/session/authentication.h"

namespace sensor {

/// A part of the analyzer whose protocol carries the calls. A row is written with each answer, and for calls under way at the end.
class DceRpcCalls {
 public:
  /// Zeek's max_dce_rpc_analyzers. When there are more pipes, all of them are given up.
  static constexpr size_t kMaxPipes = 1000;
  /// When a pipe has more presentation contexts, all of them are forgotten.
  static constexpr size_t kMaxContexts = 512;
  /// Longer names of pipes are cut off.
  static constexpr size_t kMaxPipeName = 1024;

  /// Who logs in by means of the calls is told to `authentication`, which outlives this.
  explicit DceRpcCalls(Authentication& authentication) : authentication_(authentication) {}

  /// The next bytes of a pipe; a TCP connection is pipe 0. True: there was a whole unit among them.
  bool add(AnalyzerContext& c, uint64_t pipe, bool from_client, Bytes piece);
  /// A part of a TCP connection is missing.
  void stop() { stopped_ = true; }
  void close(uint64_t pipe) { pipes_.erase(pipe); }
  /// At the connection's end.
  void finish(AnalyzerContext& c);

 private:
  /// An interface that was bound; one that is not known has its UUID only.
  struct Binding {
    dce_rpc::Uuid uuid{};
    const dce_rpc::Interface* known = nullptr;

    std::string endpoint() const;
    std::string operation(uint16_t number) const;
  };
  /// As Zeek's scripts keep it: a row begins with what the one before it ended with.
  struct Pipe {
    dce_rpc::Stream stream;
    Authentication::Gssapi gssapi;
    TimeNs ts = 0;
    std::optional<Interval> rtt;
    std::optional<std::string> name, endpoint, operation;
    std::optional<Binding> last;              // bound
    std::map<uint16_t, Binding> contexts;     // by their ids
    std::map<uint16_t, uint16_t> operations;  // the last one that was called, by context
  };
  class PipeReader;

  Pipe& pipe(AnalyzerContext& c, uint64_t id);
  void touch(Pipe& p);
  void on(AnalyzerContext&, Pipe&, const std::monostate&) {}
  void on(AnalyzerContext& c, Pipe& p, const dce_rpc::Bind& m);
  void on(AnalyzerContext& c, Pipe& p, const dce_rpc::BindAck& m);
  void on(AnalyzerContext& c, Pipe& p, const dce_rpc::AlterContextAck& m);
  void on(AnalyzerContext& c, Pipe& p, const dce_rpc::Request& m);
  void on(AnalyzerContext& c, Pipe& p, const dce_rpc::Response& m);
  void on_security(AnalyzerContext& c, Pipe& p, const dce_rpc::Security& s);
  void bind_by_name(Pipe& p);
  void write(AnalyzerContext& c, const Pipe& p);

  Authentication& authentication_;
  std::map<uint64_t, Pipe> pipes_;
  bool open_ = false;  // something was said since the last answer
  bool stopped_ = false;
};

}  // namespace sensor
