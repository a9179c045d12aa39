// The doctor's checks: facts in, findings out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "capture_facts.h"

namespace sensor {

enum class Verdict : uint8_t {
  Fine,
  Note,  // nothing is wrong, but it is good to know
  Mend
};

/// What the doctor does by itself when asked to.
enum class Fix : uint8_t { None, BringUp, SwitchOffReceive, SwitchOffSend, GrowRing };

struct Finding {
  std::string_view check;  // what was looked at
  Verdict verdict = Verdict::Fine;
  std::string says;
  std::string remedy = {};  // the command; empty: there is none, or none is needed
  Fix fix = Fix::None;
};

/// How many descriptors a receive queue should have: enough for bursts, no more than fit into the processor's cache.
uint32_t wanted_descriptors(const RingSize& ring);
/// One finding for each check, always in the same order.
std::vector<Finding> check_capture(const CaptureFacts& facts);

}  // namespace sensor
