#include "dpi/ndpi/address_owners.h"

#include <dlfcn.h>
#include <ndpi/ndpi_api.h>

#include <algorithm>

namespace sensor::ndpi {
namespace {

thread_local ndpi_patricia_tree_t* t_searched_tree = nullptr;

struct Range {
  uint32_t first, last;
  uint16_t owner;
};

/// In the order of their beginnings, the wider before those within it.
std::vector<Range> ranges_of(const ndpi_patricia_tree_t& tree) {
  std::vector<Range> ranges;
  std::vector<const ndpi_patricia_node_t*> open;
  for (const ndpi_patricia_node_t* node = tree.head; node != nullptr || !open.empty();) {
    if (node == nullptr) {
      node = open.back();
      open.pop_back();
    }
    if (node->prefix != nullptr) {
      const uint32_t host_bits = node->prefix->bitlen == 0 ? UINT32_MAX : (1U << (32U - node->prefix->bitlen)) - 1;
      const uint32_t first = ntohl(node->prefix->add.sin.s_addr) & ~host_bits;
      ranges.push_back({first, first | host_bits, static_cast<uint16_t>(node->value.u.uv32.user_value)});
    }
    if (node->r != nullptr) open.push_back(node->r);
    node = node->l;
  }
  return ranges;
}

/// The tree that is searched for an address; null when the search is not the one below.
const ndpi_patricia_tree_t* tree_of(ndpi_detection_module_struct* context) {
  in_addr any_address{};
  t_searched_tree = nullptr;
  (void)ndpi_network_port_ptree_match(context, &any_address, 0);
  return t_searched_tree;
}

}  // namespace

AddressOwners::AddressOwners(ndpi_detection_module_struct* context) {
  const ndpi_patricia_tree_t* tree = tree_of(context);
  if (tree == nullptr) return;
  add(0, NDPI_PROTOCOL_UNKNOWN);
  std::vector<Range> around;  // the ranges that one lies in
  const auto close_before = [&](uint64_t first) {
    while (!around.empty() && around.back().last < first) {
      const uint32_t last = around.back().last;
      around.pop_back();
      if (last != UINT32_MAX) add(last + 1, around.empty() ? uint16_t{NDPI_PROTOCOL_UNKNOWN} : around.back().owner);
    }
  };
  for (const Range& r : ranges_of(*tree)) {
    close_before(r.first);
    add(r.first, r.owner);
    around.push_back(r);
  }
  close_before(uint64_t{UINT32_MAX} + 1);
  for (uint32_t upper = 0, i = 0; upper <= UINT16_MAX; upper++) {
    while (i < first_.size() && first_[i] < upper << 16U) i++;
    index_.push_back(i);
  }
  index_.push_back(static_cast<uint32_t>(first_.size()));
}

void AddressOwners::add(uint32_t first, uint16_t owner) {
  if (!first_.empty() && first_.back() == first) {
    owners_.back() = owner;
  } else {
    first_.push_back(first);
    owners_.push_back(owner);
  }
}

uint16_t AddressOwners::find(uint32_t address) const {
  const size_t upper = address >> 16U;
  const auto next = std::upper_bound(first_.begin() + index_[upper], first_.begin() + index_[upper + 1], address);
  return owners_[static_cast<size_t>(next - first_.begin()) - 1];
}

}  // namespace sensor::ndpi

// The library calls this through the dynamic symbol table. Its own does the search; ours learns which tree the list of owners is.
extern "C" __attribute__((visibility("default"))) ndpi_patricia_node_t* ndpi_patricia_search_best(ndpi_patricia_tree_t* tree,
                                                                                                  ndpi_prefix_t* prefix) {
  static const auto original = reinterpret_cast<decltype(&ndpi_patricia_search_best)>(dlsym(RTLD_NEXT, __func__));
  sensor::ndpi::t_searched_tree = tree;
  return original(tree, prefix);
}
