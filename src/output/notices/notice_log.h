// What becomes of a notice.
#pragma once

#include <array>
#include <map>
#include <string>

#include "../expiring_set.h"
#include "../reduction.h"
#include "../watch.h"
#include "sensor/output/notice_kinds.h"
#include "sensor/output/notice_options.h"
#include "sensor/record/notice.h"

namespace sensor {

/// Writes notices, each kind and identifier once in a while. Remembers kCapacity of them for each length of that while; of more, the
/// oldest is forgotten. Belongs to the log thread.
class NoticeLog {
 public:
  static constexpr size_t kCapacity = 100'000;

  /// `live`: the run captures. The sink outlives this object.
  NoticeLog(const NoticeOptions& options, bool live, RowSink& rows);

  /// From now on like this.
  void set_options(const NoticeOptions& options);
  /// Whether those are written that Zeek has in optional scripts.
  bool optional_ones() const { return optional_ones_; }
  /// Whether notices of this kind are written at all: others need not be looked for.
  bool wants(NoticeKind kind) const { return wanted_[static_cast<size_t>(kind)]; }
  /// `notice` has what the kind of notice has to say, `msg` at least; the rest is filled in. An empty identifier: never the same.
  void raise(NoticeKind kind, TimeNs now, const std::string& identifier, NoticeRecord notice);

 private:
  bool is_new(NoticeKind kind, DurationNs suppress_ns, const std::string& identifier, TimeNs now);

  RowSink& rows_;
  const bool live_;
  DurationNs suppress_ns_ = 0;
  bool optional_ones_ = false;
  std::array<bool, static_cast<size_t>(NoticeKind::kCount)> wanted_{};
  std::map<DurationNs, ExpiringSet> told_;  // by the time for which notices are held back
  TimeNs now_ = 0;
};

/// A notice about the connection of a record that begins with Zeek's uid and id.*.
NoticeRecord about_connection(std::span<const Cell> cells);

}  // namespace sensor
