#include "src/session/ldap_analyzer.h"

#include <utility>

namespace sensor {
namespace {

constexpr std::string_view kSource = "LDAP", kRedacted = "REDACTED", kBindSimple = "bind simple";

bool is_search(ldap::Operation operation) {
  return ldap::operation_name(operation) == "search";
}

/// Nothing comes after it.
bool is_last(ldap::Operation operation) {
  using enum ldap::Operation;
  switch (operation) {
    case BindResponse:
    case UnbindRequest:
    case ModifyResponse:
    case AddResponse:
    case DeleteResponse:
    case ModifyNameResponse:
    case CompareResponse:
    case AbandonRequest:
    case ExtendedResponse:
      return true;
    default:
      return false;
  }
}

std::string_view scope_name(uint64_t scope) {
  constexpr std::array<std::string_view, 3> kNames{"base", "single", "tree"};
  return scope < kNames.size() ? kNames[scope] : "unknown";
}
std::string_view deref_name(uint64_t deref) {
  constexpr std::array<std::string_view, 4> kNames{"never", "searching", "finding", "always"};
  return deref < kNames.size() ? kNames[deref] : "unknown";
}
std::string_view extension_name(std::string_view oid) {
  constexpr std::string_view kWhoAmI = "1.3.6.1.4.1.4203.1.11.3";
  return oid == ldap::kStartTls ? "StartTLS" : oid == kWhoAmI ? "whoami" : "unknown";
}

template <class Rows>
void write_all(AnalyzerContext& c, Rows& rows) {
  for (const auto& [id, row] : rows)
    if (id > 0) c.records().write(c.now(), row.uid, row);
  rows.clear();
}

}  // namespace

void LdapAnalyzer::on_data(AnalyzerContext& c, Direction d, Bytes bytes) {
  if (stopped_) return c.done();
  c_ = &c;
  const bool from_client = d == Direction::Orig;
  const ldap::Reader::Outcome outcome = reader_.add(from_client, bytes, *this);
  const bool is_datagram = c.transport() == Transport::Udp;
  if (outcome == ldap::Reader::Outcome::Malformed || (is_datagram && !reader_.is_complete(from_client))) {
    stopped_ = true;
    return c.violation("malformed LDAP message");
  }
  if (outcome != ldap::Reader::Outcome::Tls || is_datagram) return;
  c.start(ProtocolId::Tls, d, reader_.rest());
  on_finish(c);
  c.done();
}

/// Where the next message begins is not known any more, unless all that is missing would have been passed over. As in Zeek, the other
/// direction is not read any more either.
void LdapAnalyzer::on_gap(AnalyzerContext&, Direction d, uint64_t bytes) {
  if (!reader_.pass_over(d == Direction::Orig, bytes)) stopped_ = true;
}

void LdapAnalyzer::on_eof(AnalyzerContext& c, Direction d) {
  if (stopped_ || reader_.is_complete(d == Direction::Orig)) return;
  stopped_ = true;
  c.violation("LDAP message without its end");
}

void LdapAnalyzer::on_finish(AnalyzerContext& c) {
  write_all(c, messages_);
  write_all(c, searches_);
}

void LdapAnalyzer::on_message(const ldap::Message& m) {
  c_->confirm(c_->transport() == Transport::Udp ? "ldap_udp" : "ldap_tcp");
  is_search(m.operation) ? on_search(m) : on_other(m);
}

LdapRecord& LdapAnalyzer::message(int64_t id) {
  if (const auto it = messages_.find(id); it != messages_.end()) return it->second;
  if (messages_.size() >= kMaxPending) {
    c_->weird("LDAP_max_pending_messages_exceeded", std::to_string(messages_.size()), kSource);
    write_all(*c_, messages_);
  }
  LdapRecord& row = messages_[id];
  static_cast<ConnHeader&>(row) = c_->conn();
  row.ts = Time{c_->now()};
  row.message_id = id;
  return row;
}

LdapSearchRecord& LdapAnalyzer::search(int64_t id) {
  if (const auto it = searches_.find(id); it != searches_.end()) return it->second;
  if (searches_.size() >= kMaxPending) {
    c_->weird("LDAP_max_pending_searches_exceeded", std::to_string(searches_.size()), kSource);
    write_all(*c_, searches_);
  }
  LdapSearchRecord& row = searches_[id];
  static_cast<ConnHeader&>(row) = c_->conn();
  row.ts = Time{c_->now()};
  row.message_id = id;
  return row;
}

/// Messages of one number should not contradict each other.
void LdapAnalyzer::set(std::optional<std::string>& field, std::string value, std::string_view weird, int64_t id) {
  if (field && *field != value) c_->weird(weird, std::to_string(id) + ": " + *field + " -> " + value, kSource);
  field = std::move(value);
}

void LdapAnalyzer::on(LdapRecord& row, const ldap::BindRequest& m) {
  if (!row.version) row.version = static_cast<int64_t>(m.version);
  if (row.opcode) c_->weird("LDAP_bind_opcode_already_set", *row.opcode, kSource);
  constexpr std::string_view kNtlm = "NTLMSSP";
  std::string argument;
  switch (m.authentication) {
    case ldap::Authentication::Simple:
      row.opcode = kBindSimple;
      if (m.has_password) argument = kRedacted;
      break;
    case ldap::Authentication::Sasl:
      row.opcode = "bind SASL";
      argument = m.mechanism;
      break;
    case ldap::Authentication::SicilyNegotiate:
      row.opcode = "sicily_negotiate";
      argument = kNtlm;
      break;
    case ldap::Authentication::SicilyResponse:
      row.opcode = "sicily_response";
      argument = kNtlm;
      break;
    default:
      row.opcode = m.authentication == ldap::Authentication::SicilyDiscovery
                       ? "LDAP::BindAuthType_SICILY_PACKAGE_DISCOVERY"
                       : "unknown-" + std::to_string(static_cast<unsigned>(m.authentication));
      c_->weird("LDAP_unknown_auth_type", *row.opcode, kSource);
  }
  if (!m.name.empty()) set(row.object, m.name, "LDAP_message_object_change", row.message_id);
  if (!argument.empty()) set(row.argument, std::move(argument), "LDAP_message_argument_change", row.message_id);
}

void LdapAnalyzer::on(LdapRecord& row, const ldap::ExtendedRequest& m) {
  if (m.name.empty()) return;
  set(row.object, m.name, "LDAP_message_object_change", row.message_id);
  *row.object += " (" + std::string(extension_name(m.name)) + ")";
}

void LdapAnalyzer::set_result(LdapRecord& row, const ldap::Result& result) {
  set(row.result, std::string(ldap::result_name(result.code)), "LDAP_message_result_change", row.message_id);
  if (!result.diagnostic.empty()) set(row.diagnostic_message, result.diagnostic, "LDAP_message_diagnostic_message_change", row.message_id);
}

void LdapAnalyzer::on_other(const ldap::Message& m) {
  LdapRecord& row = message(m.id);
  const std::string opcode(ldap::operation_name(m.operation));
  if (m.operation == ldap::Operation::BindResponse) {
    if (!row.opcode) {
      c_->weird("LDAP_bind_without_opcode", std::to_string(m.id) + ": " + opcode, kSource);
      row.opcode = opcode;
    }
  } else if (m.operation != ldap::Operation::BindRequest) {
    set(row.opcode, opcode, "LDAP_message_opcode_change", m.id);
  }
  if (const auto* bind = std::get_if<ldap::BindRequest>(&m.body)) on(row, *bind);
  if (const auto* extended = std::get_if<ldap::ExtendedRequest>(&m.body)) on(row, *extended);
  if (const auto* request = std::get_if<ldap::Request>(&m.body); request != nullptr && !request->object.empty())
    set(row.object, request->object, "LDAP_message_object_change", m.id);
  if (const auto* bound = std::get_if<ldap::BindResponse>(&m.body)) set_result(row, bound->result);
  if (const auto* response = std::get_if<ldap::Response>(&m.body)) set_result(row, response->result);
  if (!is_last(m.operation)) return;
  c_->records().write(c_->now(), row.uid, row);
  messages_.erase(m.id);
}

void LdapAnalyzer::on_search(const ldap::Message& m) {
  using ldap::Operation;
  if (m.operation == Operation::SearchReference) return;
  LdapSearchRecord& row = search(m.id);
  if (m.operation == Operation::SearchEntry) row.result_count++;
  if (const auto* request = std::get_if<ldap::SearchRequest>(&m.body)) {
    set(row.scope, std::string(scope_name(request->scope)), "LDAP_search_scope_change", m.id);
    set(row.deref_aliases, std::string(deref_name(request->deref_aliases)), "LDAP_search_deref_aliases_change", m.id);
    if (!request->base.empty()) set(row.base_object, request->base, "LDAP_search_base_object_change", m.id);
    set(row.filter, request->filter, "LDAP_search_filter_change", m.id);
  }
  const auto* done = std::get_if<ldap::Response>(&m.body);
  if (done == nullptr) return;
  set(row.result, std::string(ldap::result_name(done->result.code)), "LDAP_search_result_change", m.id);
  if (!done->result.diagnostic.empty()) set(row.diagnostic_message, done->result.diagnostic, "LDAP_search_diagnostic_message_change", m.id);
  c_->records().write(c_->now(), row.uid, row);
  searches_.erase(m.id);
}

Probe probe_ldap(const ProbeInput& in) {
  switch (ldap::begins_with_bind(in.orig, in.resp)) {
    case ldap::Match::Yes:
      return Probe::Certain;
    case ldap::Match::Unsure:
      return Probe::Unsure;
    case ldap::Match::No:
      break;
  }
  return Probe::NotForUs;
}

}  // namespace sensor
