#include "sensor/capture/doctor.h"

#include <fmt/format.h>
#include <net/if.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>

#include "checks.h"
#include "sensor/capture/interfaces.h"

namespace sensor {
namespace {

Status bring_up(const std::string& interface) {
  const FileDescriptor control(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq r{};
  interface.copy(r.ifr_name, sizeof(r.ifr_name) - 1);
  if (control.ok() && ::ioctl(control.get(), SIOCGIFFLAGS, &r) == 0) {
    r.ifr_flags = static_cast<short>(r.ifr_flags | IFF_UP);
    if (::ioctl(control.get(), SIOCSIFFLAGS, &r) == 0) return Ok{};
  }
  return Error{Error::RunTime, std::strerror(errno)};
}

Status apply(Fix fix, const CaptureFacts& f) {
  Ethtool ethtool(f.interface);
  switch (fix) {
    case Fix::None:
      break;
    case Fix::BringUp:
      return bring_up(f.interface);
    case Fix::SwitchOffReceive:
      return ethtool.switch_off(f.merging_receive);
    case Fix::SwitchOffSend:
      return ethtool.switch_off(f.merging_send);
    case Fix::GrowRing:
      return ethtool.set_receive_ring(wanted_descriptors(*f.ring));
  }
  return Ok{};
}

bool to_mend(const Finding& f) {
  return f.verdict == Verdict::Mend;
}

struct Line {
  Finding finding;
  bool mended = false;
  std::string refused = {};  // what the kernel said
};

/// Every check as it is now, and what became of the ones that were mended.
std::vector<Line> mend(const CaptureFacts& before) {
  std::vector<std::pair<std::string_view, std::string>> tried;
  for (const Finding& f : check_capture(before)) {
    if (!to_mend(f) || f.fix == Fix::None) continue;
    const Status s = apply(f.fix, before);
    tried.emplace_back(f.check, s.ok() ? "" : s.error().message);
  }
  std::vector<Line> lines;
  for (Finding& f : check_capture(capture_facts(before.interface))) {
    Line& line = lines.emplace_back(Line{std::move(f)});
    const auto it = std::ranges::find(tried, line.finding.check, [](const auto& t) { return t.first; });
    if (it == tried.end()) continue;
    line.mended = !to_mend(line.finding);
    line.refused = it->second;
  }
  return lines;
}

std::string text_of(const std::vector<Line>& lines, const std::string& interface, bool fixed) {
  constexpr std::string_view kVerdicts[] = {"fine", "note", "mend"};
  std::string text = interface + "\n";
  const auto out = std::back_inserter(text);
  size_t left = 0, fixable = 0;
  for (const Line& l : lines) {
    const Finding& f = l.finding;
    fmt::format_to(out, "  {:<8}{:<18}{}\n", l.mended ? "mended" : kVerdicts[static_cast<size_t>(f.verdict)], f.check, f.says);
    if (!l.refused.empty()) fmt::format_to(out, "{:28}the kernel refused: {}\n", "", l.refused);
    if (!f.remedy.empty()) fmt::format_to(out, "{:28}{}\n", "", f.remedy);
    left += to_mend(f) ? 1 : 0;
    fixable += to_mend(f) && f.fix != Fix::None ? 1 : 0;
  }
  if (left == 0) return text + "Nothing to mend.\n";
  fmt::format_to(out, "{} to mend", left);
  if (!fixed && fixable != 0) fmt::format_to(out, "; 'sensor doctor {} --fix' does {} of them", interface, fixable);
  return text + ".\n";
}

}  // namespace

Result<DoctorReport> examine_interface(const std::string& name, bool fix) {
  if (auto s = check_interface(name); !s.ok()) return s.error();
  const CaptureFacts facts = capture_facts(name);
  std::vector<Line> lines;
  if (fix)
    lines = mend(facts);
  else
    for (Finding& f : check_capture(facts)) lines.push_back({std::move(f)});
  const bool healthy = std::ranges::none_of(lines, [](const Line& l) { return to_mend(l.finding); });
  return DoctorReport{text_of(lines, name, fix), healthy};
}

}  // namespace sensor
