// The network interfaces of this host, as its kernel knows them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sensor/base/result.h"

namespace sensor {

struct InterfaceState {
  int index = 0;  // 0: there is no such interface
  bool up = false;
  bool loopback = false;
  uint16_t hardware = 0;  // ARPHRD_…
};

/// What the kernel says of an interface now. Any thread.
InterfaceState interface_state(const std::string& name);
/// Names in the order of their indexes.
std::vector<std::string> interface_names();
/// Error{Usage} that names the known interfaces, when there is none of this name.
Status check_interface(const std::string& name);
/// The names in "eth0,eth1"; empty ones and repeats are left out.
std::vector<std::string> split_interfaces(std::string_view list);

}  // namespace sensor
