// Which system calls the sensor needs while it runs.
#pragma once

#include "sensor/base/result.h"

namespace sensor {

/// From now on the kernel answers every other system call with EPERM, in this thread and those it starts; no program can be executed and no
/// process made. Error{RunTime} when the kernel has seccomp and refuses; a kernel without it is fine.
Status install_system_call_filter();

}  // namespace sensor
