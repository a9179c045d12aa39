// What spoils captures on an interface, and the commands that mend it.
#pragma once

#include <string>

#include "sensor/base/result.h"

namespace sensor {

struct DoctorReport {
  std::string text;     // a line for each check, and under it the command that mends it
  bool healthy = true;  // there is nothing to mend
};

/// Looks at the link, the card's settings and the host. With `fix`, first applies what is safe: nothing that could cut off this host's own
/// traffic. What it sets lasts until the next boot. Error{Usage} when there is no such interface. Any thread.
Result<DoctorReport> examine_interface(const std::string& name, bool fix);

}  // namespace sensor
