// Numbers as Zeek writes them.
#pragma once

#include "sensor/base/time.h"
#include "sensor/output/text_buffer.h"

namespace sensor {

/// Seconds with six digits after the point. A moment is cut to microseconds as libpcap's classic timestamps are; a length of time is
/// rounded, so that the difference of two moments in microseconds stays what it is.
void add_tsv_time(TimeNs ns, TextBuffer& out);
void add_tsv_interval(DurationNs ns, TextBuffer& out);
/// At most six digits after the point, at least one.
void add_tsv_double(double v, TextBuffer& out);
/// The same moments and lengths of time without trailing zeros, at least one digit after the point.
void add_json_time(TimeNs ns, TextBuffer& out);
void add_json_interval(DurationNs ns, TextBuffer& out);
/// The shortest digits that give the same value back; "null" for what is no number.
void add_json_double(double v, TextBuffer& out);

}  // namespace sensor
