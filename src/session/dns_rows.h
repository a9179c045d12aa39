// Rows of dns.log that wait for their other half, and the order in which queries meet answers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sensor/base/time.h"

namespace sensor {

/// What is known so far of one query and its answer. Reused, so that in the long run a row costs no allocation.
struct DnsRow {
  /// What the text of all answers, with a dozen bytes for each, may come to: a row must fit into a batch of records.
  static constexpr size_t kMaxAnswerBytes = 56 * 1024;

  struct Answer {
    uint32_t begin, size;  // in text
    uint32_t ttl_s;
  };

  TimeNs ts_ns = 0;
  DurationNs rtt_ns = 0;  // 0: unknown
  uint16_t id = 0, qtype = 0, qclass = 0;
  uint8_t rcode = 0, z = 0;
  bool has_query = false, has_question = false, has_rcode = false;
  bool aa = false, tc = false, rd = false, ra = false, rejected = false;
  bool saw_query = false, saw_reply = false;
  bool queued = false;  // waits in a queue
  uint32_t query_begin = 0, query_size = 0;
  uint32_t queued_bytes = 0;  // its share of what the connection holds
  std::string text;           // query and answers, one after another
  std::vector<Answer> answers;
  DnsRow* next = nullptr;  // in the list it is in

  std::string_view query() const { return std::string_view(text).substr(query_begin, query_size); }
  void set_query(std::string_view name);
  /// False when there is no room left; the row is then complete without the answer.
  bool add_answer(std::string_view data, uint32_t ttl_s);
  /// As new, but with the memory it has.
  void reset();
};

/// Owns rows that nobody uses. One for each thread, because analyzers are made without a word about their worker.
class DnsRowPool {
 public:
  static DnsRowPool& of_this_thread();

  DnsRow* take();
  void give_back(DnsRow* row);

 private:
  static constexpr size_t kMaxSpare = 256;
  static constexpr size_t kMaxSpareText = 4096;  // a row that grew beyond this is freed

  std::vector<std::unique_ptr<DnsRow>> spare_;
};

/// First in, first out. Does not own its rows.
class DnsRowList {
 public:
  bool empty() const { return head_ == nullptr; }
  size_t size() const { return size_; }
  void push_back(DnsRow* row);
  DnsRow* pop_front();

 private:
  DnsRow* head_ = nullptr;
  DnsRow* tail_ = nullptr;
  size_t size_ = 0;
};

/// Rows waiting for a message with their id, oldest first. Does not own them.
class DnsRowQueues {
 public:
  static constexpr size_t kMaxIds = 50;       // Zeek's max_pending_query_ids
  static constexpr size_t kMaxRowsOfId = 50;  // Zeek's max_pending_msgs

  /// The oldest row with this id; null: none.
  DnsRow* pop(uint16_t id);
  /// The oldest row of whichever id came first; null: none.
  DnsRow* pop_any();
  /// Takes out the rows that are given up before another one with this id may be added: all when there are too many ids, those of the
  /// id when it has too many.
  DnsRowList make_room(uint16_t id);
  void push(DnsRow* row);
  DnsRowList take_all();

 private:
  struct Queue {
    uint16_t id;
    DnsRowList rows;
  };

  std::vector<Queue>::iterator find(uint16_t id);
  DnsRow* pop_from(std::vector<Queue>::iterator queue);

  std::vector<Queue> queues_;  // none is empty; at most kMaxIds + 1, so a search is short
};

}  // namespace sensor
