#include "flow_extra.h"

namespace sensor {

FlowExtra& FlowExtras::of(Flow& flow) {
  if (flow.extra != 0) return all_[flow.extra - 1];
  if (free_.empty()) {
    all_.emplace_back(&nodes_);
    flow.extra = static_cast<uint32_t>(all_.size());
  } else {
    flow.extra = free_.back();
    free_.pop_back();
  }
  return all_[flow.extra - 1];
}

void FlowExtras::drop_held(FlowExtra& extra, size_t direction, bool bytes_only) {
  for (auto& [start, segment] : extra.held[direction]) segments_.free(segment.piece);
  if (bytes_only) return;
  extra.held[direction].clear();
  extra.held_bytes[direction] = 0;
}

void FlowExtras::release(Flow& flow) {
  if (flow.extra == 0) return;
  FlowExtra& x = all_[flow.extra - 1];
  for (const size_t d : {0U, 1U}) drop_held(x, d, false);
  x.checksum_errors = x.gaps = {};
  x.fins = x.rsts = {};
  x.missed_bytes = 0;
  std::string().swap(x.long_history);
  free_.push_back(flow.extra);
  flow.extra = 0;
}

}  // namespace sensor
