// What a packet source counts.
#pragma once

#include <array>
#include <cstdint>

#include "sensor/base/counters.h"

namespace sensor {

/// Counted by the thread that polls. packets_read = packets_delivered + packets_filtered. Live, what the kernel or the port took in for us
/// was packets_received = packets_read + packets_dropped_ring + packets_dropped_port + what the rings hold; the kernel and the port are
/// asked once a second and at the end. The figures of DPDK ports stand with the first worker.
enum class CaptureCounter : uint8_t {
  PacketsRead,
  BytesRead,
  PacketsDelivered,
  PacketsFiltered,
  PacketsCut,
  PacketsReceived,
  PacketsDroppedRing,
  PacketsDroppedPort,
  PacketsDroppedNoBuffer,
  PacketsDroppedDamaged,
  RingFreezes,
  InterfaceDown,
  InterruptWaits,
  kCount,
};

inline constexpr std::array<CounterInfo, static_cast<size_t>(CaptureCounter::kCount)> kCaptureCounterInfo{{
    {"packets_read", "packets found in the source, before the filter"},
    {"bytes_read", "captured bytes of these packets, link layer included"},
    {"packets_delivered", "packets handed to a worker"},
    {"packets_filtered", "packets that the BPF filter left out"},
    {"packets_cut", "packets read of which the capture kept fewer bytes than were on the wire (snapshot length)"},
    {"packets_received", "live: packets that passed the kernel's filter or came to the DPDK port, those it dropped included"},
    {"packets_dropped_ring", "live: packets that were dropped because the worker's ring was full"},
    {"packets_dropped_port", "DPDK: packets that the port dropped because its queue was full (imissed)"},
    {"packets_dropped_no_buffer", "DPDK: packets that found no free buffer (rx_nombuf)"},
    {"packets_dropped_damaged", "DPDK: frames that the port could not receive whole (ierrors)"},
    {"ring_freezes", "live: how often the kernel found the worker's ring full"},
    {"interface_down", "live: how often an interface went down or away"},
    {"interrupt_waits", "DPDK: how often the thread had nothing to do and waited for the port's receive interrupt"},
}};

/// Live: packets that were on the link and did not reach the worker.
inline constexpr std::array kCaptureDrops{CaptureCounter::PacketsDroppedRing, CaptureCounter::PacketsDroppedPort,
                                          CaptureCounter::PacketsDroppedNoBuffer, CaptureCounter::PacketsDroppedDamaged};

}  // namespace sensor
