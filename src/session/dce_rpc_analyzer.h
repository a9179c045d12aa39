// DCE-RPC over TCP (MS-RPCE section 2.1.1.1).
#pragma once

#include <array>

#include "sensor/session/analyzer.h"
#include "sensor/session/protocols.h"
#include "src/session/dce_rpc_calls.h"

namespace sensor {

class DceRpcAnalyzer final : public Analyzer {
 public:
  void on_data(AnalyzerContext& c, Direction d, Bytes bytes) override {
    if (calls_.add(c, 0, d == Direction::Orig, bytes)) c.confirm("dce_rpc");
  }
  void on_gap(AnalyzerContext&, Direction, uint64_t) override { calls_.stop(); }
  void on_finish(AnalyzerContext& c) override {
    calls_.finish(c);
    authentication_.finish(c);
  }

 private:
  Authentication authentication_;
  DceRpcCalls calls_{authentication_};
};

inline constexpr std::array<uint16_t, 1> kDceRpcPorts{135};
inline Probe probe_dce_rpc(const ProbeInput& in) {
  using dce_rpc::Match;
  const Match orig = dce_rpc::begins_with_unit(in.orig), resp = dce_rpc::begins_with_unit(in.resp);
  if (orig == Match::Yes || resp == Match::Yes) return Probe::Certain;
  return orig == Match::Unsure || resp == Match::Unsure ? Probe::Unsure : Probe::NotForUs;
}

}  // namespace sensor
