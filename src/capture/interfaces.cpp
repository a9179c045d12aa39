#include "sensor/capture/interfaces.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <memory>

#include "file_descriptor.h"

namespace sensor {
namespace {

/// Asks one thing of the kernel; false when it has no such interface.
bool ask(int fd, unsigned long request, const std::string& name, ifreq& answer) {
  answer = {};
  if (name.size() >= sizeof(answer.ifr_name)) return false;
  name.copy(answer.ifr_name, name.size());
  return ::ioctl(fd, request, &answer) == 0;
}

}  // namespace

InterfaceState interface_state(const std::string& name) {
  InterfaceState s;
  const FileDescriptor control(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq r;
  if (!control.ok() || !ask(control.get(), SIOCGIFINDEX, name, r)) return s;
  s.index = r.ifr_ifindex;
  if (ask(control.get(), SIOCGIFFLAGS, name, r)) {
    s.up = (r.ifr_flags & IFF_UP) != 0;
    s.loopback = (r.ifr_flags & IFF_LOOPBACK) != 0;
  }
  if (ask(control.get(), SIOCGIFHWADDR, name, r)) s.hardware = r.ifr_hwaddr.sa_family;
  return s;
}

std::vector<std::string> interface_names() {
  std::vector<std::string> names;
  const std::unique_ptr<struct if_nameindex, decltype(&::if_freenameindex)> all(::if_nameindex(), &::if_freenameindex);
  if (all == nullptr) return names;
  for (const struct if_nameindex* i = all.get(); i->if_name != nullptr; i++) names.emplace_back(i->if_name);
  return names;
}

Status check_interface(const std::string& name) {
  if (interface_state(name).index != 0) return Ok{};
  return Error{Error::Usage, fmt::format("there is no interface '{}'; this host has {}", name, fmt::join(interface_names(), ", "))};
}

std::vector<std::string> split_interfaces(std::string_view list) {
  std::vector<std::string> names;
  while (!list.empty()) {
    const size_t comma = std::min(list.find(','), list.size());
    std::string name(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
    if (!name.empty() && std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  }
  return names;
}

}  // namespace sensor
