// What a packet source counts.
#pragma once

#include <array>
#include <cstdint>

#include "sensor/base/counters.h"

namespace sensor {

/// Counted by the thread that polls. packets_read = packets_delivered + packets_filtered. Live, what the kernel took in for us was
/// packets_received = packets_read + packets_dropped_ring + what the ring holds; the kernel is asked for the two once a second and at the
/// end.
enum class CaptureCounter : uint8_t {
  PacketsRead,
  BytesRead,
  PacketsDelivered,
  PacketsFiltered,
  PacketsCut,
  PacketsReceived,
  PacketsDroppedRing,
  RingFreezes,
  InterfaceDown,
  kCount,
};

inline constexpr std::array<CounterInfo, static_cast<size_t>(CaptureCounter::kCount)> kCaptureCounterInfo{{
    {"packets_read", "packets found in the source, before the filter"},
    {"bytes_read", "captured bytes of these packets, link layer included"},
    {"packets_delivered", "packets handed to a worker"},
    {"packets_filtered", "packets that the BPF filter left out"},
    {"packets_cut", "packets read of which the capture kept fewer bytes than were on the wire (snapshot length)"},
    {"packets_received", "live: packets that passed the kernel's filter, those it dropped included"},
    {"packets_dropped_ring", "live: packets that the kernel dropped because the worker's ring was full"},
    {"ring_freezes", "live: how often the kernel found the worker's ring full"},
    {"interface_down", "live: how often an interface went down or away"},
}};

}  // namespace sensor
