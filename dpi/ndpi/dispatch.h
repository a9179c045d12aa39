// Which of nDPI's dissectors look at a packet.
#pragma once

namespace sensor::ndpi {

/// While it lives, the dissectors that a context registers are noted, and used from then on for the packets of all contexts, which register
/// the same ones. For the first context, while no other thread makes or uses one.
class NoteDissectors {
 public:
  NoteDissectors();
  ~NoteDissectors();
  NoteDissectors(const NoteDissectors&) = delete;
  NoteDissectors& operator=(const NoteDissectors&) = delete;
};

}  // namespace sensor::ndpi
