// The commands of an FTP session that wait for their replies, and which of them a reply is for, as Zeek guesses it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "sensor/base/time.h"

namespace sensor {

struct FtpCommand {
  TimeNs ts = 0;
  std::string name, argument;
  size_t cut = 0;  // bytes of the argument that were not kept
  uint64_t number = 0;
  bool directory_followed = false;  // its reply has changed the working directory
};
using FtpCommandPtr = std::shared_ptr<FtpCommand>;

/// At most kMax commands; more are not kept.
class FtpCommands {
 public:
  static constexpr size_t kMax = 20;

  bool full() const { return pending_.size() >= kMax; }
  size_t size() const { return pending_.size(); }
  void add(TimeNs ts, std::string_view name, std::string_view argument, size_t cut = 0);
  /// The command a reply fits best: by its code, then by what its text mentions, then the one that has waited longest. Null: none waits.
  FtpCommandPtr match(uint32_t code, std::string_view text) const;
  /// False when no command of that number waits any more.
  bool remove(const FtpCommand& command) { return pending_.erase(command.number) != 0; }
  const std::map<uint64_t, FtpCommandPtr>& pending() const { return pending_; }

 private:
  std::map<uint64_t, FtpCommandPtr> pending_;
  uint64_t last_number_ = 0;
};

}  // namespace sensor
