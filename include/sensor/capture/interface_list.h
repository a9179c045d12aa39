// The network interfaces of this host, for people.
#pragma once

#include <string>
#include <vector>

namespace sensor {

struct InterfaceDetails {
  std::string name;
  std::string state;                   // "up", "down", "no carrier"
  std::string speed;                   // "1000 Mb/s"; empty: the driver does not say
  std::string driver;                  // empty: none
  std::vector<std::string> addresses;  // without prefix lengths, the hardware address first
};

/// In the order of their indexes.
std::vector<InterfaceDetails> list_interfaces();
/// A table, one interface a line; long lists of addresses go on below.
std::string interfaces_text();

}  // namespace sensor
