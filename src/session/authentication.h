// Who logs in on a connection, in whatever protocol: GSSAPI tokens, NTLM in or without them, Kerberos in them; rows of ntlm.log and
// kerberos.log.
#pragma once

#include <optional>

#include "dpi/ntlm/ntlm.h"
#include "sensor/record/ntlm.h"
#include "sensor/session/analyzer.h"
#include "src/session/kerberos_exchange.h"

namespace sensor {

/// A part of the analyzer whose protocol carries the tokens. The row is written when GSSAPI tells how the login ended, and covers the
/// connection's first one only, as in Zeek; where GSSAPI does not tell, at the end.
class Authentication {
 public:
  /// Longer names are cut off; in bytes of the message. DNS names have 255 characters.
  static constexpr size_t kMaxName = 1024;

  /// One conversation by GSSAPI; a connection may have several (pipes).
  struct Gssapi {
    bool confirmed = false;
  };

  void gssapi_token(AnalyzerContext& c, Gssapi& conversation, Bytes token);
  void ntlm_message(AnalyzerContext& c, Bytes message);
  /// At the connection's end.
  void finish(AnalyzerContext& c);

 private:
  void kerberos_message(AnalyzerContext& c, Bytes message);
  void on(const std::monostate&) {}
  void on(const ntlm::Negotiate&);
  void on(const ntlm::Challenge& m);
  void on(const ntlm::Authenticate& m);
  void on_result(AnalyzerContext& c, uint64_t state);
  NtlmRecord& row();
  void write(AnalyzerContext& c);
  std::string text(const ntlm::Name& name);

  AnalyzerContext* c_ = nullptr;  // valid during a call
  KerberosExchange tickets_;
  std::optional<NtlmRecord> row_;
  bool written_ = false;
};

}  // namespace sensor
