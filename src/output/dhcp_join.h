// Joins the messages of DHCP exchanges into rows, as Zeek does.
#pragma once

#include <list>
#include <unordered_map>

#include "reduction.h"
#include "sensor/record/dhcp.h"

namespace sensor {

/// Messages with the same transaction number are one exchange. At a check of Zeek's tables that falls behind its first ten seconds an
/// exchange is written when nothing has been heard of it for kSilence, or when it has lasted longer than kLongest; and at any time when
/// it has too many connections or messages. The rows of one check are in the order in which the exchanges began.
class DhcpJoin final : public Reduction {
 public:
  static constexpr DurationNs kSilence = 5 * kSecond, kLongest = 30 * kSecond;
  static constexpr size_t kMaxUids = 10, kMaxMessages = 50;
  /// Exchanges at once; beyond it the oldest one is written.
  static constexpr size_t kMaxExchanges = 20'000;

  DhcpJoin(const LogInfo& log, RowSink& rows);
  bool keep(TimeNs due_ns, std::span<Cell> cells) override;
  bool begins_row() const override { return begins_row_; }
  void finish(TimeNs end_ns) override;

 private:
  struct Exchange {
    uint64_t transaction;
    TimeNs entry_end_ns, last_ns;
    std::string client_hardware;  // shown when nothing better is known
    DhcpRecord row;
  };
  using Exchanges = std::list<Exchange>;

  Exchange& exchange_of(TimeNs now, std::span<const Cell> cells);
  void add(Exchange& e, TimeNs now, std::span<const Cell> cells);
  void check_table(TimeNs now);
  /// With the hardware address of the header where there is no better one; Zeek leaves it out where an exchange has too many messages.
  Exchanges::iterator close(Exchanges::iterator e, TimeNs due_ns);
  Exchanges::iterator write(Exchanges::iterator e, TimeNs due_ns);

  RowSink& rows_;
  size_t table_check_, entry_end_, uid_, transaction_, type_, from_client_, message_;
  Exchanges exchanges_;  // in the order in which they began
  std::unordered_map<uint64_t, Exchanges::iterator> by_transaction_;
  bool begins_row_ = false;
};

}  // namespace sensor
