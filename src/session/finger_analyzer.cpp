#include "src/session/finger_analyzer.h"

#include <algorithm>

#include "dpi/finger/finger.h"

namespace sensor {

void FingerAnalyzer::on_data(AnalyzerContext& c, Direction d, Bytes bytes) {
  if (d != Direction::Orig) return;
  line_ += as_chars(bytes.first(std::min(bytes.size(), kMaxLine + 1 - line_.size())));
  const size_t end = line_.find('\n');
  if (end == std::string::npos && line_.size() <= kMaxLine) return;
  std::string_view line = std::string_view(line_).substr(0, end);
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.size() > kMaxLine || !finger::parse_query(line)) return c.violation("no finger query");
  c.confirm("finger");
  c.done();
}

}  // namespace sensor
