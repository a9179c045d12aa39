// Where the packets of batches lie while the batches are out.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <vector>

#include "chunk.h"
#include "sensor/capture/pcap_file.h"

namespace sensor {

struct BatchSlot {
  std::array<PacketView, PcapFileSource::kBurst> packets;
  Chunk* chunk = nullptr;     // held while the batch is out
  BatchSlot* next = nullptr;  // in a list of free slots
};

/// take() and put_back() belong to the polling thread, release() to any. The last slot released is the next one taken: it is still
/// in the cache.
class BatchSlots {
 public:
  /// nullptr when kMaxBatchesOut are out.
  BatchSlot* take() {
    if (released_.load(std::memory_order_relaxed) != nullptr) take_released();
    if (free_ == nullptr) {
      if (all_.size() == PcapFileSource::kMaxBatchesOut) return nullptr;
      free_ = all_.emplace_back(std::make_unique<BatchSlot>()).get();
    }
    BatchSlot* slot = free_;
    free_ = slot->next;
    slot->next = nullptr;
    return slot;
  }
  void put_back(BatchSlot* slot) {
    slot->next = free_;
    free_ = slot;
  }
  void release(BatchSlot* slot) {
    slot->chunk->unref();
    slot->chunk = nullptr;
    BatchSlot* head = released_.load(std::memory_order_relaxed);
    do slot->next = head;
    while (!released_.compare_exchange_weak(head, slot, std::memory_order_release, std::memory_order_relaxed));
  }

 private:
  /// The whole list at once: popping single slots beside concurrent pushes would be open to the ABA problem.
  void take_released() {
    BatchSlot* list = released_.exchange(nullptr, std::memory_order_acquire);
    while (list != nullptr) {
      BatchSlot* next = list->next;
      put_back(list);
      list = next;
    }
  }

  std::vector<std::unique_ptr<BatchSlot>> all_;
  BatchSlot* free_ = nullptr;
  alignas(64) std::atomic<BatchSlot*> released_{nullptr};
};

}  // namespace sensor
