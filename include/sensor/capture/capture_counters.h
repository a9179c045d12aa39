// What a packet source counts.
#pragma once

#include <array>
#include <cstdint>

#include "sensor/base/counters.h"

namespace sensor {

/// Counted by the thread that polls. packets_read = packets_delivered + packets_filtered.
enum class CaptureCounter : uint8_t { PacketsRead, BytesRead, PacketsDelivered, PacketsFiltered, PacketsCut, kCount };

inline constexpr std::array<CounterInfo, static_cast<size_t>(CaptureCounter::kCount)> kCaptureCounterInfo{{
    {"packets_read", "packets found in the source, before the filter"},
    {"bytes_read", "captured bytes of these packets, link layer included"},
    {"packets_delivered", "packets handed to a worker"},
    {"packets_filtered", "packets that the BPF filter left out"},
    {"packets_cut", "packets read of which the capture kept fewer bytes than were on the wire (snapshot length)"},
}};

}  // namespace sensor
