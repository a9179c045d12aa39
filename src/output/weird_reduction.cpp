#include "weird_reduction.h"

#include <algorithm>
#include <array>

namespace sensor {
namespace {

/// Weirds that are not simply written each time; sorted by name.
struct NamedAction {
  std::string_view name;
  WeirdAction action;
};
constexpr auto kActions = std::to_array<NamedAction>({
    {"DNS_label_forward_compress_offset", WeirdAction::LogPerOriginator},
    {"DNS_label_len_gt_name_len", WeirdAction::LogPerOriginator},
    {"DNS_label_len_gt_pkt", WeirdAction::LogPerOriginator},
    {"DNS_label_too_long", WeirdAction::LogPerOriginator},
    {"FIN_after_reset", WeirdAction::Ignore},
    {"FIN_storm", WeirdAction::NoticePerOriginator},
    {"FTP_arg_too_long", WeirdAction::LogPerConnection},
    {"FTP_max_command_length_exceeded", WeirdAction::LogPerConnection},
    {"FTP_password_too_long", WeirdAction::LogPerConnection},
    {"FTP_reply_msg_too_long", WeirdAction::LogPerConnection},
    {"FTP_too_many_pending_commands", WeirdAction::LogPerConnection},
    {"FTP_user_too_long", WeirdAction::LogPerConnection},
    {"SSH_max_packet_length_exceeded", WeirdAction::LogPerOriginator},
    {"SSH_max_string_length_exceeded", WeirdAction::LogPerOriginator},
    {"SYN_after_partial", WeirdAction::NoticePerOriginator},
    {"SYN_with_data", WeirdAction::LogPerOriginator},
    {"UDP_datagram_length_mismatch", WeirdAction::LogPerOriginator},
    {"bad_ICMP_checksum", WeirdAction::LogPerOriginator},
    {"bad_IP_checksum", WeirdAction::LogPerOriginator},
    {"bad_RPC", WeirdAction::LogPerOriginator},
    {"bad_TCP_checksum", WeirdAction::LogPerOriginator},
    {"bad_UDP_checksum", WeirdAction::LogPerOriginator},
    {"connection_originator_SYN_ack", WeirdAction::LogPerOriginator},
    {"excess_RPC", WeirdAction::LogPerOriginator},
    {"excessively_small_fragment", WeirdAction::LogPerOriginator},
    {"fragment_inconsistency", WeirdAction::LogPerOriginator},
    {"fragment_overlap", WeirdAction::LogPerOriginator},
    {"fragment_size_inconsistency", WeirdAction::LogPerOriginator},
    {"originator_RPC_reply", WeirdAction::LogPerOriginator},
    {"partial_RPC", WeirdAction::LogPerOriginator},
    {"responder_RPC_call", WeirdAction::LogPerOriginator},
    {"simultaneous_open", WeirdAction::LogPerConnection},
    {"smb_tree_connect_andx_response_without_tree", WeirdAction::LogPerConnection},
    {"smtp_excessive_invalid_mail_transactions", WeirdAction::LogPerConnection},
    {"smtp_mail_transaction_invalid", WeirdAction::LogPerConnection},
    {"spontaneous_FIN", WeirdAction::Ignore},
    {"spontaneous_RST", WeirdAction::Ignore},
    {"successful_RPC_reply_to_invalid_request", WeirdAction::NoticePerOriginator},
    {"unsolicited_SYN_response", WeirdAction::Ignore},
});
static_assert(std::is_sorted(kActions.begin(), kActions.end(), [](const auto& a, const auto& b) { return a.name < b.name; }));

/// Repeats of these are not held back for a while.
bool repeats_are_written(std::string_view name) {
  return name == "bad_IP_checksum" || name == "bad_TCP_checksum" || name == "bad_UDP_checksum" || name == "bad_ICMP_checksum";
}

}  // namespace

WeirdAction weird_action(std::string_view name) {
  const auto it =
      std::lower_bound(kActions.begin(), kActions.end(), name, [](const NamedAction& a, std::string_view n) { return a.name < n; });
  return it != kActions.end() && it->name == name ? it->action : WeirdAction::Log;
}

WeirdReduction::WeirdReduction(const LogInfo& log)
    : uid_(column_index(log.columns, "uid")),
      orig_h_(column_index(log.columns, "id.orig_h")),
      orig_p_(column_index(log.columns, "id.orig_p")),
      resp_h_(column_index(log.columns, "id.resp_h")),
      resp_p_(column_index(log.columns, "id.resp_p")),
      name_(column_index(log.columns, "name")),
      addl_(column_index(log.columns, "addl")),
      notice_(column_index(log.columns, "notice")),
      scope_(column_index(log.columns, "scope")) {}

Fingerprint WeirdReduction::with_endpoints(Fingerprint key, WeirdScope scope, std::span<const Cell> cells) const {
  if (scope == WeirdScope::Net || scope == WeirdScope::File || !cells[orig_h_].present) return key;
  for (const size_t column : {orig_h_, resp_h_}) {
    const IpAddress address = cells[column].address();
    key.add(address.hi()).add(address.lo());
  }
  // Two addresses without ports are something else than the ports 0 and 0.
  return scope == WeirdScope::Flow ? key : key.add(cells[orig_p_].number << 16 | cells[resp_p_].number);
}

bool WeirdReduction::keep(TimeNs due_ns, std::span<Cell> cells) {
  const auto scope = static_cast<WeirdScope>(cells[scope_].number);
  const std::string_view name = cells[name_].chars();
  const WeirdAction action = weird_action(name);
  if (action == WeirdAction::Ignore) return false;
  const Fingerprint name_key(name);
  // Before the sampling, although Zeek samples first: what is held back for a day is most of what comes where checksums are offloaded.
  ExpiringSet* once = action == WeirdAction::Log ? nullptr : action == WeirdAction::NoticePerOriginator ? &noticed_ : &logged_;
  if (once != nullptr && once->contains(once_key(action, name_key, scope, cells), due_ns)) return false;

  Fingerprint instance = name_key;
  if (scope == WeirdScope::Flow) instance = with_endpoints(name_key, scope, cells);
  if (scope == WeirdScope::Connection) instance.add(as_chars(cells[uid_].data));
  if (scope == WeirdScope::File) instance.add(cells[addl_].chars().substr(0, kUidChars));
  if (!passes_sampling(scope, instance, due_ns)) return false;

  const Fingerprint repeat = with_endpoints(name_key, scope, cells);
  if (repeats_.contains(repeat, due_ns)) return false;
  if (!repeats_are_written(name)) repeats_.insert(repeat, due_ns);
  if (once != nullptr) once->insert(once_key(action, name_key, scope, cells), due_ns);
  if (action == WeirdAction::NoticePerOriginator) cells[notice_].number = 1;
  return true;
}

bool WeirdReduction::passes_sampling(WeirdScope scope, const Fingerprint& instance, TimeNs now) {
  if (samples_.size() >= kCapacity) samples_.clear();
  Sample& s = *samples_.try_emplace(instance).first;
  const bool per_instance = scope == WeirdScope::Connection || scope == WeirdScope::File;
  s.count++;
  if (!per_instance) {
    // Names and pairs of addresses live on: their count starts anew every kSamplingNs.
    if (s.count == 1) s.since_ns = now;
    if (now >= s.since_ns + kSamplingNs) s = {1, now};
  } else if (s.count == kThreshold + 1) {
    s.since_ns = now;
  } else if (s.count > kThreshold && now > s.since_ns + kSamplingNs) {
    s = {1, 0};
  }
  return s.count <= kThreshold || (s.count - kThreshold) % kRate == 0;
}

/// By what a weird is written once only.
Fingerprint WeirdReduction::once_key(WeirdAction action, Fingerprint name, WeirdScope scope, std::span<const Cell> cells) const {
  if (action == WeirdAction::LogPerConnection || !cells[orig_h_].present) return with_endpoints(name, scope, cells);
  const IpAddress originator = cells[orig_h_].address();
  return name.add(originator.hi()).add(originator.lo());
}

}  // namespace sensor
