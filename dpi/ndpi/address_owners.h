// nDPI's list of who owns which IPv4 addresses.
#pragma once

#include <cstdint>
#include <vector>

struct ndpi_detection_module_struct;

namespace sensor::ndpi {

/// The list as sorted ranges, some 300 KB that all workers share. nDPI itself has a tree of nodes that lie anywhere in memory, and asks it
/// some ten times for an address: the dearest part of a label.
class AddressOwners {
 public:
  /// Empty when the tree of `context` cannot be found.
  explicit AddressOwners(ndpi_detection_module_struct* context);

  bool empty() const { return owners_.empty(); }
  /// The protocol of the owner of an address (in host order) as ndpi_network_port_ptree_match() names it; 0: none. Not when empty().
  uint16_t find(uint32_t address) const;

 private:
  void add(uint32_t first, uint16_t owner);

  std::vector<uint32_t> first_;   // where ranges begin, ascending; each reaches to the next
  std::vector<uint16_t> owners_;  // theirs
  std::vector<uint32_t> index_;   // by the upper half of an address: the first range that begins there or later
};

}  // namespace sensor::ndpi
