// Numbers as Zeek writes them.
#pragma once

#include <cstddef>

#include "sensor/base/time.h"

namespace sensor {

/// Room for any number here: a double in fixed notation has up to 309 digits before the point.
inline constexpr size_t kNumberChars = 360;

// All write at `out`, which has room for kNumberChars, and return the end.

/// Seconds with six digits after the point. A moment is cut to microseconds as libpcap's classic timestamps are; a length of time is
/// rounded, so that the difference of two moments in microseconds stays what it is.
char* write_tsv_time(TimeNs ns, char* out);
char* write_tsv_far_time(int64_t us, char* out);
char* write_tsv_interval(DurationNs ns, char* out);
/// At most six digits after the point, at least one.
char* write_tsv_double(double v, char* out);
/// The same moments and lengths of time without trailing zeros, at least one digit after the point.
char* write_json_time(TimeNs ns, char* out);
char* write_json_far_time(int64_t us, char* out);
char* write_json_interval(DurationNs ns, char* out);
/// The shortest digits that give the same value back; "null" for what is no number.
char* write_json_double(double v, char* out);

}  // namespace sensor
