// Runs of text between the few characters that mean something.
#pragma once

#include <algorithm>
#include <string_view>

#include "sensor/base/byte_reader.h"

namespace sensor::text {

/// How many bytes come before the first of `stops`, a few characters. Searches a window at a time for each of them, so that text full of
/// one costs little more than text without any.
inline size_t run_before(Bytes bytes, std::string_view stops) {
  constexpr size_t kWindow = 128;
  for (size_t done = 0; done < bytes.size(); done += kWindow) {
    const std::string_view window = as_chars(bytes.subspan(done, std::min(kWindow, bytes.size() - done)));
    std::string_view run = window;
    for (const char stop : stops) run = run.substr(0, run.find(stop));
    if (run.size() < window.size()) return done + run.size();
  }
  return bytes.size();
}

}  // namespace sensor::text
