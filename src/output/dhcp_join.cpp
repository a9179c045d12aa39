#include "dhcp_join.h"

#include <algorithm>
#include <array>

#include "sensor/record/encoder.h"
#include "watch.h"

namespace sensor {
namespace {

/// Room for a row: texts are options of at most 255 bytes.
constexpr size_t kRowBytes = 8 * 1024;

}  // namespace

DhcpJoin::DhcpJoin(const LogInfo& log, RowSink& rows)
    : rows_(rows),
      table_check_(column_index(log.columns, "table_check")),
      entry_end_(column_index(log.columns, "entry_end")),
      uid_(column_index(log.columns, "uid")),
      transaction_(column_index(log.columns, "transaction")),
      type_(column_index(log.columns, "type")),
      from_client_(column_index(log.columns, "from_client")),
      message_(column_index(log.columns, "message")) {}

bool DhcpJoin::keep(TimeNs due_ns, std::span<Cell> cells) {
  begins_row_ = false;
  if (cells[table_check_].number != 0) {
    check_table(due_ns);
    return false;
  }
  Exchange& e = exchange_of(due_ns, cells);
  add(e, due_ns, cells);
  if (e.row.uids.items.size() >= kMaxUids || e.row.msg_types.size() >= kMaxMessages) write(by_transaction_.at(e.transaction), due_ns);
  return false;
}

DhcpJoin::Exchange& DhcpJoin::exchange_of(TimeNs now, std::span<const Cell> cells) {
  const uint64_t transaction = cells[transaction_].number;
  const auto known = by_transaction_.find(transaction);
  if (known != by_transaction_.end()) return *known->second;
  if (exchanges_.size() >= kMaxExchanges) close(exchanges_.begin(), now);
  begins_row_ = true;
  Exchange& e = exchanges_.emplace_back();
  e.transaction = transaction;
  e.entry_end_ns = cells[entry_end_].as_signed();
  e.row.ts = Time{now};
  by_transaction_[transaction] = std::prev(exchanges_.end());
  return e;
}

void DhcpJoin::add(Exchange& e, TimeNs now, std::span<const Cell> cells) {
  using E = DhcpEventRecord;
  const auto set_text = [&](std::optional<std::string>& member, size_t i) {
    if (cells[i].present) member = cells[i].chars();
  };
  const auto set_address = [&](std::optional<IpAddress>& member, size_t i) {
    if (cells[i].present) member = cells[i].address();
  };
  DhcpRecord& r = e.row;
  const bool from_client = cells[from_client_].number != 0;
  e.last_ns = now;
  r.duration = Interval{now - r.ts.ns};
  const Uid uid = cells[uid_].uid();
  if (std::ranges::find(r.uids.items, uid) == r.uids.items.end()) r.uids.items.push_back(uid);
  r.msg_types.emplace_back(cells[type_].chars());
  if (cells[message_].present) (from_client ? r.client_message : r.server_message) = cells[message_].chars();
  // A server only repeats what the client has said.
  if (from_client || !r.mac) set_text(r.mac, column<E>("mac"));
  if (cells[column<E>("chaddr")].present) e.client_hardware = cells[column<E>("chaddr")].chars();
  set_text(r.host_name, column<E>("host_name"));
  set_text(r.client_fqdn, column<E>("client_fqdn"));
  set_text(r.domain, column<E>("domain"));
  set_address(r.client_addr, column<E>("client_addr"));
  set_address(r.server_addr, column<E>("server_addr"));
  set_address(r.requested_addr, column<E>("requested_addr"));
  set_address(r.assigned_addr, column<E>("assigned_addr"));
  if (cells[column<E>("lease_time")].present) r.lease_time = Interval{cells[column<E>("lease_time")].as_signed()};
  if (!from_client && !r.client_addr) r.client_addr = r.assigned_addr;
}

void DhcpJoin::check_table(TimeNs now) {
  for (auto e = exchanges_.begin(); e != exchanges_.end();) {
    const bool over = e->entry_end_ns < now && (now - e->last_ns > kSilence || now - e->row.ts.ns > kLongest);
    e = over ? close(e, now) : std::next(e);
  }
}

DhcpJoin::Exchanges::iterator DhcpJoin::close(Exchanges::iterator e, TimeNs due_ns) {
  if (!e->row.mac && !e->client_hardware.empty()) e->row.mac = e->client_hardware;
  return write(e, due_ns);
}

DhcpJoin::Exchanges::iterator DhcpJoin::write(Exchanges::iterator e, TimeNs due_ns) {
  std::array<uint8_t, kRowBytes> buffer;
  RecordEncoder out(buffer);
  encode_fields(out, e->row);
  if (out.ok()) rows_.write_row(log_info<DhcpRecord>(), due_ns, Bytes(buffer).first(out.size()));
  by_transaction_.erase(e->transaction);
  return exchanges_.erase(e);
}

void DhcpJoin::finish(TimeNs end_ns) {
  while (!exchanges_.empty()) close(exchanges_.begin(), end_ns);
}

}  // namespace sensor
