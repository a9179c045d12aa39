// What is said of Kerberos tickets on a connection: a row of kerberos.log, and the certificates of PKINIT.
#pragma once

#include <optional>

#include "dpi/kerberos/kerberos.h"
#include "sensor/record/kerberos.h"
#include "sensor/session/analyzer.h"

namespace sensor {

/// A part of the analyzer whose protocol carries the messages. The row is written with the first answer, or at the end; later messages of
/// the connection change nothing, as in Zeek.
class KerberosExchange {
 public:
  /// `source`: the carrier's name for its files ("KRB", "KRB_TCP"), of static storage. False: malformed.
  bool read(AnalyzerContext& c, Bytes message, std::string_view source);
  /// At the connection's end.
  void finish(AnalyzerContext& c) { write(c); }

 private:
  void on(AnalyzerContext& c, const kerberos::Request& m);
  void on(AnalyzerContext& c, const kerberos::Reply& m);
  void on(AnalyzerContext& c, const kerberos::Error& m);
  void on(AnalyzerContext& c, const kerberos::ApRequest&) { row(c); }
  void on(AnalyzerContext&, const kerberos::Other&) {}
  void certificates(AnalyzerContext& c, bool is_orig, Bytes der);
  KerberosRecord& row(AnalyzerContext& c);
  void write(AnalyzerContext& c);

  std::optional<KerberosRecord> row_;
  bool written_ = false;
  std::string_view source_;
  uint64_t files_ = 0;
};

}  // namespace sensor
