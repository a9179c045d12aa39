#include "dpi/ndpi/ndpi_context.h"

#include <ndpi/ndpi_api.h>

#include <atomic>
#include <mutex>

#include "dpi/ndpi/dispatch.h"

// nDPI 4.2 remembers hosts across connections (BitTorrent peers, STUN and Zoom endpoints, TLS server certificates …) in caches that it
// makes on first use and cannot be told to leave out. Their contents depend on which connections share a context, so labels would depend on
// the number of workers. The library calls its cache constructor through the dynamic symbol table, and takes a null result for "no cache":
// this definition, which comes first in the program's symbol order, switches all of them off. A unit test notices when that stops being so.
extern "C" __attribute__((visibility("default"))) ndpi_lru_cache* ndpi_lru_cache_init(u_int32_t /*num_entries*/) {
  return nullptr;
}

namespace sensor::ndpi {
namespace {

std::atomic<const Names*> g_names{nullptr};
std::atomic<const AddressOwners*> g_address_owners{nullptr};

void publish_names(ndpi_detection_module_struct* context) {
  auto& names = *new Names;
  for (u_int id = 0; id < ndpi_get_num_supported_protocols(context); id++)
    names.protocols.emplace_back(ndpi_get_proto_name(context, static_cast<u_int16_t>(id)));
  for (int c = 0; c < NDPI_PROTOCOL_NUM_CATEGORIES; c++)
    names.categories.emplace_back(ndpi_category_get_name(context, static_cast<ndpi_protocol_category_t>(c)));
  g_names.store(&names, std::memory_order_release);
}

ndpi_detection_module_struct* make_context() {
  ndpi_detection_module_struct* context = ndpi_init_detection_module(ndpi_no_prefs);
  if (context == nullptr) return nullptr;
  NDPI_PROTOCOL_BITMASK enabled;
  NDPI_BITMASK_SET_ALL(enabled);
  // Its dissector follows the IPv4 header also where the packet is IPv6, and it has a cache of its own (nDPI 4.2).
  NDPI_DEL_PROTOCOL_FROM_BITMASK(enabled, NDPI_PROTOCOL_TINC);
  ndpi_set_protocol_detection_bitmask2(context, &enabled);
  ndpi_finalize_initialization(context);
  return context;
}

/// Contexts that no classifier uses at the moment. Making one takes some 20 ms and taking one apart 10 ms; so they are kept, and not
/// taken apart when the process ends.
class IdleContexts {
 public:
  ndpi_detection_module_struct* take() {
    std::unique_lock lock(mutex_);
    if (!idle_.empty()) {
      ndpi_detection_module_struct* context = idle_.back();
      idle_.pop_back();
      return context;
    }
    if (names() != nullptr) {
      lock.unlock();
      return make_context();
    }
    // The first one fills tables that all contexts share, and starts libgcrypt: alone.
    const NoteDissectors note;
    ndpi_detection_module_struct* first = make_context();
    if (first == nullptr) return nullptr;
    g_address_owners.store(new AddressOwners(first), std::memory_order_release);
    publish_names(first);
    return first;
  }
  void give_back(ndpi_detection_module_struct* context) {
    std::lock_guard lock(mutex_);
    idle_.push_back(context);
  }

 private:
  std::mutex mutex_;
  std::vector<ndpi_detection_module_struct*> idle_;
};

IdleContexts& idle_contexts() {
  static auto& contexts = *new IdleContexts;
  return contexts;
}

}  // namespace

void GiveBack::operator()(ndpi_detection_module_struct* context) const {
  idle_contexts().give_back(context);
}

Context take_context() {
  return Context(idle_contexts().take());
}

const Names* names() {
  return g_names.load(std::memory_order_acquire);
}

const AddressOwners* address_owners() {
  return g_address_owners.load(std::memory_order_acquire);
}

}  // namespace sensor::ndpi
