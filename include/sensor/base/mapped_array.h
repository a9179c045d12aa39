// A large array that costs memory only where it is used.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>

namespace sensor {

enum class Pages : uint8_t {
  Huge,  // where the array is large: it is read at random, and every access would miss the page table's cache as well
  Small  // for large elements that are used in part: a page is cleared when it is first touched, whatever its size
};

/// A fixed number of elements in zeroed pages, which take memory when they are first touched. Elements are neither constructed nor
/// destroyed: a T whose bytes are all zero must be a value. Throws std::bad_alloc when the address space is used up.
template <class T>
class MappedArray {
 public:
  explicit MappedArray(size_t size, Pages pages = Pages::Huge) : size_(size) {
    static_assert(std::is_trivially_destructible_v<T>);
    void* p = ::mmap(nullptr, bytes(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) throw std::bad_alloc();
    if (pages == Pages::Small) {
      (void)::madvise(p, bytes(), MADV_NOHUGEPAGE);
    } else if (bytes() >= kHugeFrom) {
      (void)::madvise(p, bytes(), MADV_HUGEPAGE);
    }
    items_ = static_cast<T*>(p);
  }
  ~MappedArray() { ::munmap(items_, bytes()); }
  MappedArray(const MappedArray&) = delete;
  MappedArray& operator=(const MappedArray&) = delete;

  T& operator[](size_t i) { return items_[i]; }
  const T& operator[](size_t i) const { return items_[i]; }
  T* data() { return items_; }
  const T* data() const { return items_; }
  size_t size() const { return size_; }
  /// Address space; memory is what was touched of it.
  size_t bytes() const { return size_ * sizeof(T); }

 private:
  static constexpr size_t kHugeFrom = size_t{4} << 20;

  size_t size_;
  T* items_;
};

}  // namespace sensor
