#include "sensor/capture/interface_list.h"

#include <fmt/format.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <fstream>
#include <memory>

#include "ethtool.h"
#include "sensor/capture/interfaces.h"

namespace sensor {
namespace {

/// The first line of /sys/class/net/NAME/FILE; empty when it cannot be read.
std::string attribute(const std::string& name, std::string_view file) {
  std::ifstream in(fmt::format("/sys/class/net/{}/{}", name, file));
  std::string line;
  std::getline(in, line);
  return line;
}

std::string state_of(const std::string& name) {
  if (!interface_state(name).up) return "down";
  return attribute(name, "carrier") == "0" ? "no carrier" : "up";
}

std::string speed_of(const std::string& name) {
  const std::string speed = attribute(name, "speed");
  return speed.empty() || speed.front() == '-' || speed == "0" ? "" : speed + " Mb/s";
}

std::string text_of(const sockaddr& address) {
  const socklen_t size = address.sa_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
  char host[NI_MAXHOST];
  if (::getnameinfo(&address, size, host, sizeof(host), nullptr, 0, NI_NUMERICHOST) != 0) return {};
  const std::string_view all = host;
  return std::string(all.substr(0, all.find('%')));
}

}  // namespace

std::vector<InterfaceDetails> list_interfaces() {
  std::vector<InterfaceDetails> list;
  for (const std::string& name : interface_names()) {
    InterfaceDetails d{name, state_of(name), speed_of(name), Ethtool(name).driver().name, {}};
    if (const std::string mac = attribute(name, "address"); !mac.empty() && mac != "00:00:00:00:00:00") d.addresses.push_back(mac);
    list.push_back(std::move(d));
  }
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) return list;
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> all(first, &::freeifaddrs);
  for (const ifaddrs* a = first; a != nullptr; a = a->ifa_next) {
    if (a->ifa_addr == nullptr || (a->ifa_addr->sa_family != AF_INET && a->ifa_addr->sa_family != AF_INET6)) continue;
    const auto it = std::ranges::find(list, a->ifa_name, &InterfaceDetails::name);
    if (it != list.end()) it->addresses.push_back(text_of(*a->ifa_addr));
  }
  return list;
}

std::string interfaces_text() {
  constexpr auto kRow = "{:<16}{:<12}{:<12}{:<14}{}\n";
  std::string text = fmt::format(kRow, "name", "state", "speed", "driver", "addresses");
  for (const InterfaceDetails& d : list_interfaces()) {
    const auto or_dash = [](const std::string& s) { return s.empty() ? std::string("-") : s; };
    text += fmt::format(kRow, d.name, d.state, or_dash(d.speed), or_dash(d.driver), d.addresses.empty() ? "-" : d.addresses.front());
    for (size_t i = 1; i < d.addresses.size(); i++) text += fmt::format(kRow, "", "", "", "", d.addresses[i]);
  }
  return text;
}

}  // namespace sensor
