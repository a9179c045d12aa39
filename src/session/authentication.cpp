#include "src/session/authentication.h"

#include <algorithm>

#include "dpi/gssapi/gssapi.h"
#include "dpi/text/utf16.h"

namespace sensor {

void Authentication::gssapi_token(AnalyzerContext& c, Gssapi& conversation, Bytes token) {
  constexpr std::string_view kService = "gssapi";
  gssapi::Token t;
  const bool good = gssapi::read_token(token, t);
  if (t.result) on_result(c, *t.result);
  if (t.mechanism == gssapi::Mechanism::Ntlm) ntlm_message(c, t.inner);
  if (t.mechanism == gssapi::Mechanism::Kerberos) kerberos_message(c, t.inner);
  if (!good) {
    c.deny_carried(kService);
  } else if (!conversation.confirmed) {
    conversation.confirmed = true;
    c.confirm_carried(kService);
  }
}

void Authentication::kerberos_message(AnalyzerContext& c, Bytes message) {
  constexpr std::string_view kService = "krb";
  tickets_.read(c, message, "KRB") ? c.confirm_carried(kService) : c.deny_carried(kService);
}

void Authentication::ntlm_message(AnalyzerContext& c, Bytes message) {
  ntlm::Message m;
  if (!ntlm::read_message(message, m)) return;
  c_ = &c;
  std::visit([&](const auto& body) { on(body); }, m);
  c.confirm_carried("ntlm");
}

NtlmRecord& Authentication::row() {
  if (row_) return *row_;
  static_cast<ConnHeader&>(row_.emplace()) = c_->conn();
  row_->ts = Time{c_->now()};
  return *row_;
}

std::string Authentication::text(const ntlm::Name& name) {
  const Bytes bytes = name.bytes.first(std::min(name.bytes.size(), kMaxName));
  if (!name.unicode) return std::string(as_chars(bytes));
  if (auto text = text::utf16_to_utf8(bytes)) return *text;
  c_->weird("utf16_conversion_failed", "utf16 conversion failed in utf16_to_utf8_val", {});
  return std::string(as_chars(bytes));
}

void Authentication::on(const ntlm::Negotiate&) {
  row();
}

void Authentication::on(const ntlm::Challenge& m) {
  NtlmRecord& r = row();
  if (m.nb_computer_name) r.server_nb_computer_name = text(*m.nb_computer_name);
  if (m.dns_computer_name) r.server_dns_computer_name = text(*m.dns_computer_name);
  if (m.dns_tree_name) r.server_tree_name = text(*m.dns_tree_name);
}

void Authentication::on(const ntlm::Authenticate& m) {
  NtlmRecord& r = row();
  if (m.domain) r.domainname = text(*m.domain);
  if (m.workstation) r.hostname = text(*m.workstation);
  if (m.user) r.username = text(*m.user);
}

/// RFC 4178 section 4.2.2.
void Authentication::on_result(AnalyzerContext& c, uint64_t state) {
  constexpr uint64_t kAccepted = 0, kIncomplete = 1;
  if (!row_) return;
  if (state != kIncomplete) row_->success = state == kAccepted;
  if (row_->success) write(c);
}

void Authentication::write(AnalyzerContext& c) {
  if (std::exchange(written_, true)) return;
  c.records().write(c.now(), row_->uid, *row_);
}

void Authentication::finish(AnalyzerContext& c) {
  if (row_) write(c);
  tickets_.finish(c);
}

}  // namespace sensor
