// When a connection is over: Zeek's timeouts.
#pragma once

#include "sensor/flow/flow.h"
#include "sensor/flow/flow_engine.h"

namespace sensor {

struct Expiry {
  TimeNs due = kNever;
  RemoveReason reason = RemoveReason::Idle;
};

/// When the flow is over if nothing more comes, or is to be looked at (DatagramState::next_idle_check_ns), and why; also while its packet
/// is still being handled.
Expiry expiry_once_idle(const Flow& flow, const FlowConfig& config);

/// The same; never while its packet is being handled.
inline Expiry expiry(const Flow& flow, const FlowConfig& config) {
  return flow.busy ? Expiry{} : expiry_once_idle(flow, config);
}

}  // namespace sensor
