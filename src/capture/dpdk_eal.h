// DPDK's environment layer: started once in a process, and what it says.
#pragma once

#include <sched.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sensor/base/result.h"

namespace sensor {

/// What the environment layer gave us.
struct Eal {
  /// The cores that the arguments name, in their order; empty: they name none.
  std::vector<cpu_set_t> cores;
  /// Where this process may run; threads that are not pinned run there.
  cpu_set_t all;
};

/// Starts it, or says that it runs already with the same arguments. The calling thread stays where it may run. Error{Usage}: what DPDK said
/// and the remedy; a process cannot try again.
Result<Eal> start_eal(const std::string& arguments);

/// Words of a command line; quotes hold words together.
std::vector<std::string> split_arguments(std::string_view line);
/// `arguments` and what we add where they say nothing else: files in memory, nobody listened to, no thread pinned.
std::vector<std::string> eal_arguments(const std::vector<std::string>& given, const cpu_set_t& cores);

/// The latest errors and warnings of DPDK and its drivers since the last call, in one line: "; DPDK says: …", or empty. Any thread.
std::string dpdk_said();
/// From now on, errors are passed on as they come, in the thread where they happen.
void pass_on_dpdk_errors(std::function<void(const std::string&)> report);

}  // namespace sensor
