// LDAP on one connection: rows of ldap.log and ldap_search.log; TLS behind StartTLS.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "dpi/ldap/reader.h"
#include "sensor/record/ldap.h"
#include "sensor/session/analyzer.h"
#include "sensor/session/protocols.h"

namespace sensor {

/// Over TCP and UDP. A row is written with the answer; those without one at the end, or when there are too many.
class LdapAnalyzer final : public Analyzer, private ldap::Sink {
 public:
  /// Zeek's max_pending_messages and max_pending_searches.
  static constexpr size_t kMaxPending = 10;

  void on_data(AnalyzerContext& c, Direction d, Bytes bytes) override;
  void on_gap(AnalyzerContext& c, Direction d, uint64_t bytes) override;
  void on_eof(AnalyzerContext& c, Direction d) override;
  void on_finish(AnalyzerContext& c) override;

 private:
  void on_message(const ldap::Message& m) override;
  void on(LdapRecord& row, const ldap::BindRequest& m);
  void on(LdapRecord& row, const ldap::ExtendedRequest& m);
  void on_other(const ldap::Message& m);
  void on_search(const ldap::Message& m);
  LdapRecord& message(int64_t id);
  LdapSearchRecord& search(int64_t id);
  void set(std::optional<std::string>& field, std::string value, std::string_view weird, int64_t id);
  void set_result(LdapRecord& row, const ldap::Result& result);

  ldap::Reader reader_;
  std::map<int64_t, LdapRecord> messages_;  // without an answer, by their numbers
  std::map<int64_t, LdapSearchRecord> searches_;
  bool stopped_ = false;
  AnalyzerContext* c_ = nullptr;  // valid during a call from the session
};

inline constexpr std::array<uint16_t, 2> kLdapTcpPorts{389, 3268};
inline constexpr std::array<uint16_t, 1> kLdapUdpPorts{389};
Probe probe_ldap(const ProbeInput& in);

}  // namespace sensor
