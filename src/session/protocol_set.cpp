#include "sensor/session/protocol_set.h"

#include <algorithm>
#include <map>

#include "sensor/session/protocols.h"

namespace sensor {

ProtocolSet::ProtocolSet(ProtocolMask off) {
  const auto known = protocols();
  std::map<uint16_t, ProtocolMask> ports;
  for (size_t i = 0; i < known.size(); i++) {
    const ProtocolMask bit = ProtocolMask{1} << i;
    if ((off & bit) != 0) continue;
    all_ |= bit;
    over_[static_cast<size_t>(known[i].transport)] |= bit;
    if (known[i].partial == PartialStreams::Read) partial_ |= bit;
    for (const uint16_t port : known[i].ports) ports[port] |= bit;
  }
  by_port_.assign(ports.begin(), ports.end());
}

ProtocolMask ProtocolSet::on_port(Transport t, uint16_t port) const {
  const auto it = std::ranges::lower_bound(by_port_, port, {}, &std::pair<uint16_t, ProtocolMask>::first);
  return it != by_port_.end() && it->first == port ? it->second & over(t) : 0;
}

Result<ProtocolMask> parse_protocols(std::string_view names) {
  const auto known = protocols();
  ProtocolMask mask = 0;
  while (!names.empty()) {
    const size_t end = std::min(names.find(','), names.size());
    std::string_view name = names.substr(0, end);
    names.remove_prefix(std::min(end + 1, names.size()));
    while (name.starts_with(' ')) name.remove_prefix(1);
    while (name.ends_with(' ')) name.remove_suffix(1);
    ProtocolMask of_name = 0;
    for (size_t i = 0; i < known.size(); i++)
      if (known[i].key == name) of_name |= ProtocolMask{1} << i;
    if (of_name == 0)
      return Error{Error::Usage, "there is no protocol '" + std::string(name) + "'; choose from " + protocol_names(~ProtocolMask{0})};
    mask |= of_name;
  }
  return mask;
}

std::string protocol_names(ProtocolMask mask) {
  std::vector<std::string_view> names;
  const auto known = protocols();
  for (size_t i = 0; i < known.size(); i++)
    if ((mask >> i & 1) != 0 && std::ranges::find(names, known[i].key) == names.end()) names.push_back(known[i].key);
  std::ranges::sort(names);
  std::string text;
  for (const std::string_view name : names) text.append(text.empty() ? "" : ",").append(name);
  return text;
}

}  // namespace sensor
