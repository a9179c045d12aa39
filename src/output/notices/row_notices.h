// Notices that follow from a single row of a log.
#pragma once

#include "notice_log.h"

namespace sensor {

/// Watches weird.log, arp.log, capture_loss.log, stats.log and link types that cannot be filtered. The arguments outlive the run; the
/// options may change while it goes on.
void watch_rows(const NoticeOptions& options, NoticeLog& notices, WatchList& watch);

}  // namespace sensor
