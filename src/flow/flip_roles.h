// When the first packet did not come from the one who opened the connection.
#pragma once

#include "flow_extra.h"
#include "sensor/flow/flow_engine.h"

namespace sensor {

/// Originator and responder change places, with all that is kept for each; the history says '^'.
void flip_roles(Flow& flow, FlowExtras& extras, FlowEvents& events);

}  // namespace sensor
