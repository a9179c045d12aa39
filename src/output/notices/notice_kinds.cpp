#include "sensor/output/notice_kinds.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace sensor {
namespace {

constexpr DurationNs kDay = 24 * 60 * kMinute;

/// In the order of NoticeKind.
constexpr NoticeKindInfo kKinds[] = {
    {"ARP::Address_Change", "medium", true, 0, "an IPv4 address is claimed by another hardware address than before"},
    {"CaptureLoss::Too_Little_Traffic", "info", true, 0,
     "an interval of capture_loss.log, at least a minute long, has fewer TCP acknowledgements than `notice.minimum_acks`"},
    {"CaptureLoss::Too_Much_Loss", "medium", true, 0,
     "in an interval of capture_loss.log at least `notice.capture_loss_percent` of the acknowledgements were for data that was not seen"},
    {"PacketFilter::Dropped_Packets", "medium", false, 0,
     "live: the kernel, the card or this host dropped packets in an interval of stats.log"},
    {"PacketFilter::Install_Failure", "low", false, 0,
     "a capture file has a link type that libpcap cannot filter, such as IEEE 802.15.4; its packets are read all the same"},
    {"SSH::Password_Guessing", "high", true, 0, "`notice.ssh_guesses` failed SSH logins of one host within `notice.ssh_window`"},
    {"SSL::Certificate_Expired", "medium", true, kDay, "a server's certificate is no longer valid"},
    {"SSL::Certificate_Expires_Soon", "low", true, kDay, "a server's certificate ends within `notice.certificate_ends_in`"},
    {"SSL::Certificate_Not_Valid_Yet", "medium", true, kDay, "a server's certificate is not valid yet"},
    {"SSL::Invalid_Server_Cert", "medium", true, 0, "a server's certificate is self-signed, has expired or is not valid yet"},
    {"SSL::Old_Version", "medium", true, kDay, "a server chose a version of TLS below `notice.minimum_tls`"},
    {"SSL::Weak_Cipher", "medium", true, kDay, "a server chose a cipher suite of export strength or with RC4"},
    {"SSL::Weak_Key", "medium", true, kDay, "a server's certificate has an RSA or DSA key shorter than `notice.key_bits`"},
    {"Scan::Address_Scan", "medium", true, 0,
     "failed TCP connections of one host to the same port of `notice.scan_hosts` hosts within `notice.scan_window`"},
    {"Scan::Port_Scan", "medium", true, 0,
     "failed TCP connections of one host to `notice.scan_ports` ports of the same host within `notice.scan_window`"},
    {"Weird::Activity", "low", false, 0, "a row in weird.log with `notice`"},
};
static_assert(std::size(kKinds) == static_cast<size_t>(NoticeKind::kCount));
static_assert(std::ranges::is_sorted(kKinds, {}, &NoticeKindInfo::name));

/// Calls `f` with each name of a list.
template <class F>
void for_each_name(std::string_view names, F f) {
  while (!names.empty()) {
    const size_t comma = std::min(names.find(','), names.size());
    std::string_view name = names.substr(0, comma);
    names.remove_prefix(std::min(comma + 1, names.size()));
    while (name.starts_with(' ')) name.remove_prefix(1);
    while (name.ends_with(' ')) name.remove_suffix(1);
    if (!name.empty()) f(name);
  }
}

}  // namespace

std::span<const NoticeKindInfo> notice_kinds() {
  return kKinds;
}

const NoticeKindInfo& info_of(NoticeKind kind) {
  return kKinds[static_cast<size_t>(kind)];
}

Status check_notice_names(std::string_view names) {
  Status status = Ok{};
  for_each_name(names, [&](std::string_view name) {
    if (std::ranges::find(kKinds, name, &NoticeKindInfo::name) == std::end(kKinds))
      status = Error{Error::Usage, fmt::format("there is no notice '{}'; docs/LOGS.md lists them", name)};
  });
  return status;
}

bool lists_notice(std::string_view names, std::string_view name) {
  bool found = false;
  for_each_name(names, [&](std::string_view n) { found = found || n == name; });
  return found;
}

}  // namespace sensor
