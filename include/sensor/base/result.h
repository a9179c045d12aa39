// A value or the sentence that says why there is none. For start-up and files; packet errors are counters and weirds.
#pragma once

#include <cassert>
#include <string>
#include <utility>
#include <variant>

namespace sensor {

/// One sentence: what is wrong, with what value, and what to do.
struct Error {
  /// Exit status of the program when this error ends it: 2 usage or configuration, 1 run-time failure.
  enum Kind : int { RunTime = 1, Usage = 2 };

  Kind kind = RunTime;
  std::string message;
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : v_(std::move(value)) {}
  Result(Error error) : v_(std::move(error)) {}

  bool ok() const { return v_.index() == 0; }
  explicit operator bool() const { return ok(); }
  T& value() & {
    assert(ok());
    return std::get<0>(v_);
  }
  const T& value() const& {
    assert(ok());
    return std::get<0>(v_);
  }
  T&& value() && {
    assert(ok());
    return std::get<0>(std::move(v_));
  }
  const Error& error() const {
    assert(!ok());
    return std::get<1>(v_);
  }

 private:
  std::variant<T, Error> v_;
};

struct Ok {};
using Status = Result<Ok>;

}  // namespace sensor
