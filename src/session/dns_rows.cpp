#include "dns_rows.h"

#include <algorithm>
#include <utility>

namespace sensor {

void DnsRow::set_query(std::string_view name) {
  query_begin = static_cast<uint32_t>(text.size());
  query_size = static_cast<uint32_t>(name.size());
  text += name;
  has_query = true;
}

bool DnsRow::add_answer(std::string_view data, uint32_t ttl) {
  constexpr size_t kOverhead = 12;
  if (text.size() + data.size() + kOverhead * (answers.size() + 1) > kMaxAnswerBytes) return false;
  answers.push_back({static_cast<uint32_t>(text.size()), static_cast<uint32_t>(data.size()), ttl});
  text += data;
  return true;
}

void DnsRow::reset() {
  std::string kept_text = std::move(text);
  std::vector<Answer> kept_answers = std::move(answers);
  *this = DnsRow();
  kept_text.clear();
  kept_answers.clear();
  text = std::move(kept_text);
  answers = std::move(kept_answers);
}

DnsRowPool& DnsRowPool::of_this_thread() {
  thread_local DnsRowPool pool;
  return pool;
}

DnsRow* DnsRowPool::take() {
  if (spare_.empty()) return std::make_unique<DnsRow>().release();
  DnsRow* row = spare_.back().release();
  spare_.pop_back();
  row->reset();
  return row;
}

void DnsRowPool::give_back(DnsRow* row) {
  std::unique_ptr<DnsRow> owned(row);
  if (spare_.size() < kMaxSpare && row->text.capacity() <= kMaxSpareText) spare_.push_back(std::move(owned));
}

void DnsRowList::push_back(DnsRow* row) {
  row->next = nullptr;
  (tail_ == nullptr ? head_ : tail_->next) = row;
  tail_ = row;
  size_++;
}

DnsRow* DnsRowList::pop_front() {
  DnsRow* row = head_;
  if (row == nullptr) return nullptr;
  head_ = row->next;
  if (head_ == nullptr) tail_ = nullptr;
  row->next = nullptr;
  size_--;
  return row;
}

std::vector<DnsRowQueues::Queue>::iterator DnsRowQueues::find(uint16_t id) {
  return std::find_if(queues_.begin(), queues_.end(), [id](const Queue& q) { return q.id == id; });
}

DnsRow* DnsRowQueues::pop_from(std::vector<Queue>::iterator queue) {
  if (queue == queues_.end()) return nullptr;
  DnsRow* row = queue->rows.pop_front();
  if (queue->rows.empty()) queues_.erase(queue);
  return row;
}

DnsRow* DnsRowQueues::pop(uint16_t id) {
  return pop_from(find(id));
}

DnsRow* DnsRowQueues::pop_any() {
  return pop_from(queues_.begin());
}

DnsRowList DnsRowQueues::make_room(uint16_t id) {
  const auto queue = find(id);
  if (queue == queues_.end()) return queues_.size() > kMaxIds ? take_all() : DnsRowList();
  if (queue->rows.size() <= kMaxRowsOfId) return {};
  const DnsRowList rows = queue->rows;
  queues_.erase(queue);
  return rows;
}

void DnsRowQueues::push(DnsRow* row) {
  const auto queue = find(row->id);
  if (queue != queues_.end()) return queue->rows.push_back(row);
  queues_.push_back({row->id, {}});
  queues_.back().rows.push_back(row);
}

DnsRowList DnsRowQueues::take_all() {
  DnsRowList all;
  for (Queue& queue : queues_) {
    while (DnsRow* row = queue.rows.pop_front()) all.push_back(row);
  }
  queues_.clear();
  return all;
}

}  // namespace sensor
