#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

namespace sensor {

struct FreeMemory {
  void operator()(uint8_t* p) const { std::free(p); }
};
using PageBuffer = std::unique_ptr<uint8_t[], FreeMemory>;

/// Uninitialised memory that begins at a page. Not a matter of taste: AMD's copy instruction takes four times as long when the target lies
/// a few bytes further into its page than the source, which is where malloc puts large blocks.
inline PageBuffer make_page_buffer(size_t bytes) {
  constexpr size_t kPage = 4096;
  auto* p = static_cast<uint8_t*>(std::aligned_alloc(kPage, (bytes + kPage - 1) / kPage * kPage));
  if (p == nullptr) throw std::bad_alloc();
  return PageBuffer(p);
}

}  // namespace sensor
