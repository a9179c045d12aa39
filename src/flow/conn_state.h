// A flow in conn.log's words.
#pragma once

#include "flow_extra.h"
#include "sensor/flow/conn_summary.h"

namespace sensor {

ConnSummary summarize(const Flow& flow, const FlowExtras& extras);

}  // namespace sensor
