// The kinds of notices.
#pragma once

#include <span>
#include <string_view>

#include "sensor/base/result.h"
#include "sensor/base/time.h"

namespace sensor {

enum class NoticeKind : uint8_t {
  ArpAddressChange,
  CaptureLossTooLittleTraffic,
  CaptureLossTooMuchLoss,
  PacketFilterDroppedPackets,
  PacketFilterInstallFailure,
  SshPasswordGuessing,
  SslCertificateExpired,
  SslCertificateExpiresSoon,
  SslCertificateNotValidYet,
  SslInvalidServerCert,
  SslOldVersion,
  SslWeakCipher,
  SslWeakKey,
  ScanAddressScan,
  ScanPortScan,
  WeirdActivity,
  kCount,
};

struct NoticeKindInfo {
  std::string_view name;      // Zeek's where it has one
  std::string_view severity;  // info, low, medium or high
  bool optional;              // Zeek writes it with a script that is not loaded by default, or has none
  DurationNs suppress_ns;     // 0: as the configuration says
  std::string_view doc;       // what raises it
};

std::span<const NoticeKindInfo> notice_kinds();
const NoticeKindInfo& info_of(NoticeKind kind);

/// Checks names that are separated by commas; an error names the one that is no kind of notice.
Status check_notice_names(std::string_view names);
/// Whether the list, which was checked, has this name.
bool lists_notice(std::string_view names, std::string_view name);

}  // namespace sensor
