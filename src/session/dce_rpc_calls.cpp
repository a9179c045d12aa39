#include "src/session/dce_rpc_calls.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "sensor/record/dce_rpc.h"

namespace sensor {
namespace {

constexpr std::string_view kSource = "DCE_RPC";

/// Operations that Zeek leaves out: there are many, and they tell little.
bool is_ignored(std::string_view endpoint, std::string_view operation) {
  struct Noise {
    std::string_view endpoint, operation;
  };
  static constexpr auto kNoise = std::to_array<Noise>({
      {"winreg", "BaseRegCloseKey"},
      {"winreg", "BaseRegGetVersion"},
      {"winreg", "BaseRegOpenKey"},
      {"winreg", "BaseRegQueryValue"},
      {"winreg", "BaseRegDeleteKeyEx"},
      {"winreg", "OpenLocalMachine"},
      {"winreg", "BaseRegEnumKey"},
      {"winreg", "OpenClassesRoot"},
      {"spoolss", "RpcSplOpenPrinter"},
      {"spoolss", "RpcClosePrinter"},
      {"wkssvc", "NetrWkstaGetInfo"},
  });
  return std::ranges::any_of(kNoise, [&](const Noise& n) { return n.endpoint == endpoint && n.operation == operation; });
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
  return out;
}

/// The interface that a pipe's name stands for, where its binding was not seen.
const dce_rpc::Interface* interface_of_pipe(std::string_view name) {
  constexpr std::string_view kFolder = "\\pipe\\";
  const std::string all = lower(name);
  std::string_view bare = all;
  if (const size_t at = bare.find(kFolder); at != std::string_view::npos) {
    bare.remove_prefix(at + kFolder.size());
    bare = bare.substr(0, bare.find(kFolder));
  }
  if (bare == "winreg") return dce_rpc::find_interface("338cd001-2244-31f1-aaaa-900038001003");
  if (bare == "spoolss") return dce_rpc::find_interface("12345678-1234-abcd-ef00-0123456789ab");
  if (bare == "srvsvc") return dce_rpc::find_interface("4b324fc8-1670-01d3-1278-5a47bf6ee188");
  return nullptr;
}

}  // namespace

std::string DceRpcCalls::Binding::endpoint() const {
  return known != nullptr ? std::string(known->name) : "unknown-" + std::string(uuid.data(), uuid.size());
}

std::string DceRpcCalls::Binding::operation(uint16_t number) const {
  const std::string_view name = known != nullptr ? dce_rpc::find_operation(*known, number) : std::string_view{};
  return !name.empty() ? std::string(name) : "unknown-" + std::to_string(number);
}

/// Tells what a pipe says to its owner.
class DceRpcCalls::PipeReader final : public dce_rpc::Sink {
 public:
  PipeReader(DceRpcCalls& calls, AnalyzerContext& c, Pipe& pipe) : calls_(calls), c_(c), pipe_(pipe) {}
  bool saw_unit() const { return saw_unit_; }

  void on_security(const dce_rpc::Security& s) override { calls_.on_security(c_, pipe_, s); }
  void on_body(const dce_rpc::Body& body) override {
    std::visit([&](const auto& m) { calls_.on(c_, pipe_, m); }, body);
  }
  void on_unit() override { saw_unit_ = true; }
  void on_weird(std::string_view name) override { c_.weird(name, {}, kSource); }

 private:
  DceRpcCalls& calls_;
  AnalyzerContext& c_;
  Pipe& pipe_;
  bool saw_unit_ = false;
};

bool DceRpcCalls::add(AnalyzerContext& c, uint64_t id, bool from_client, Bytes piece) {
  if (stopped_) return false;
  Pipe& p = pipe(c, id);
  PipeReader reader(*this, c, p);
  p.stream.add(from_client, piece, reader);
  return reader.saw_unit();
}

DceRpcCalls::Pipe& DceRpcCalls::pipe(AnalyzerContext& c, uint64_t id) {
  const auto it = pipes_.find(id);
  if (it != pipes_.end()) return it->second;
  if (pipes_.size() >= kMaxPipes) {
    pipes_.clear();
    c.weird("SMB_discarded_dce_rpc_analyzers", {}, "SMB");
  }
  Pipe& p = pipes_[id];
  p.ts = c.now();
  return p;
}

/// MS-RPCE section 2.2.1.1.7. What Kerberos sends without SPNEGO around it is not read, as in Zeek.
void DceRpcCalls::on_security(AnalyzerContext& c, Pipe& p, const dce_rpc::Security& s) {
  using dce_rpc::Security;
  switch (s.provider) {
    case Security::kSpnego:
      return authentication_.gssapi_token(c, p.gssapi, s.token);
    case Security::kNtlm:
      return authentication_.ntlm_message(c, s.token);
    case Security::kKerberos:
      return;
    case Security::kSchannel:
      return c.weird("tls_dce_rpc_auth_type", std::to_string(s.provider), kSource);
    case Security::kNetlogon:
      return c.weird("netlogon_dce_rpc_auth_type", std::to_string(s.provider), kSource);
    default:
      return c.weird("unknown_dce_rpc_auth_type", std::to_string(s.provider), kSource);
  }
}

void DceRpcCalls::touch(Pipe& p) {
  open_ = true;
  if (p.last) p.endpoint = p.last->endpoint();
}

void DceRpcCalls::on(AnalyzerContext&, Pipe& p, const dce_rpc::Bind& m) {
  for (const dce_rpc::Context& context : m.contexts) {
    open_ = true;
    Binding b{dce_rpc::uuid_text(context.interface), nullptr};
    b.known = dce_rpc::find_interface({b.uuid.data(), b.uuid.size()});
    if (p.contexts.size() >= kMaxContexts) p.contexts.clear();
    p.contexts[context.id] = b;
    p.last = b;
    p.endpoint = b.endpoint();
  }
}

void DceRpcCalls::on(AnalyzerContext&, Pipe& p, const dce_rpc::BindAck& m) {
  touch(p);
  std::string_view name = as_chars(m.secondary_address);
  if (name.ends_with('\0')) name.remove_suffix(1);
  if (!name.empty()) p.name = name.substr(0, kMaxPipeName);
}

void DceRpcCalls::on(AnalyzerContext&, Pipe& p, const dce_rpc::AlterContextAck&) {
  touch(p);
}

void DceRpcCalls::on(AnalyzerContext& c, Pipe& p, const dce_rpc::Request& m) {
  touch(p);
  p.ts = c.now();
  if (p.operations.size() >= kMaxContexts) p.operations.clear();
  p.operations[m.context] = m.operation;
}

/// The endpoint shows from the next row on, as in Zeek.
void DceRpcCalls::bind_by_name(Pipe& p) {
  if (p.endpoint || !p.name) return;
  const dce_rpc::Interface* known = interface_of_pipe(*p.name);
  if (known == nullptr) return;
  p.last = Binding{dce_rpc::Uuid{}, known};
}

void DceRpcCalls::on(AnalyzerContext& c, Pipe& p, const dce_rpc::Response& m) {
  touch(p);
  bind_by_name(p);
  const auto called = p.operations.find(m.context);
  const uint16_t operation = called != p.operations.end() ? called->second : uint16_t{0};
  if (p.endpoint && p.last) {
    p.operation = p.last->operation(operation);
    if (p.ts != c.now()) p.rtt = Interval{c.now() - p.ts};
  }
  if (const auto context = p.contexts.find(m.context); context != p.contexts.end()) {
    p.endpoint = context->second.endpoint();
    p.operation = context->second.operation(operation);
  }
  write(c, p);
  open_ = false;
}

void DceRpcCalls::write(AnalyzerContext& c, const Pipe& p) {
  if (!p.endpoint || !p.operation || is_ignored(*p.endpoint, *p.operation)) return;
  DceRpcRecord r;
  static_cast<ConnHeader&>(r) = c.conn();
  r.ts = Time{p.ts};
  r.rtt = p.rtt;
  r.named_pipe = p.name;
  r.endpoint = p.endpoint;
  r.operation = p.operation;
  c.records().write(c.now(), r.uid, r);
}

/// As in Zeek, the last row of every pipe that is open, once a call was not answered.
void DceRpcCalls::finish(AnalyzerContext& c) {
  if (!open_) return;
  for (auto& [id, p] : pipes_) {
    touch(p);
    write(c, p);
  }
}

}  // namespace sensor
