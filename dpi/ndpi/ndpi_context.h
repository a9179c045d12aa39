// nDPI's contexts: the tables one classifier searches with, and the names of what they find.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "dpi/ndpi/address_owners.h"

struct ndpi_detection_module_struct;

namespace sensor::ndpi {

struct GiveBack {
  void operator()(ndpi_detection_module_struct* context) const;
};
/// A context for one thread at a time. Nothing of a connection stays in it, so it goes on to the next classifier when this one ends.
using Context = std::unique_ptr<ndpi_detection_module_struct, GiveBack>;

/// One that is idle, or a new one (some 20 ms, 5 MB); null when there is no memory. Any thread.
Context take_context();

/// Text for ids, by id; kept for the life of the process.
struct Names {
  std::vector<std::string> protocols;
  std::vector<std::string> categories;
};
/// Null before the first context was made. Any thread.
const Names* names();

/// The same for all contexts. Null before the first one was made. Any thread.
const AddressOwners* address_owners();

}  // namespace sensor::ndpi
