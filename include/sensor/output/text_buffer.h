// Text on its way to a file: a growing run of characters that is reused.
#pragma once

#include <charconv>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace sensor {

/// Belongs to one thread.
class TextBuffer {
 public:
  std::string_view view() const { return {data_.data(), size_}; }
  size_t size() const { return size_; }
  void clear() { size_ = 0; }
  /// Forgets everything after the first n characters.
  void truncate(size_t n) { size_ = n < size_ ? n : size_; }

  /// Room for n characters at the end; commit() says how many were used.
  char* reserve(size_t n) {
    if (n > data_.size() - size_) data_.resize((size_ + n) * 2);
    return data_.data() + size_;
  }
  /// `end` lies in the room that reserve() gave.
  void commit(const char* end) { size_ = static_cast<size_t>(end - data_.data()); }

  void add(char c) {
    char* p = reserve(1);
    *p = c;
    commit(p + 1);
  }
  void add(std::string_view s) {
    char* p = reserve(s.size());
    std::memcpy(p, s.data(), s.size());
    commit(p + s.size());
  }
  template <class Int>
  void add_number(Int v) {
    char* p = reserve(24);
    commit(std::to_chars(p, p + 24, v).ptr);
  }

 private:
  std::vector<char> data_ = std::vector<char>(4096);
  size_t size_ = 0;
};

}  // namespace sensor
