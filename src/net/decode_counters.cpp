#include "sensor/net/decode_counters.h"

#include <array>
#include <cassert>

namespace sensor {
namespace {

constexpr auto kInfo = std::to_array<CounterInfo>({
#define SENSOR_COUNTER_INFO(id, name, help) {name, help},
    SENSOR_DECODE_WEIRDS(SENSOR_COUNTER_INFO) SENSOR_DECODE_OUTCOMES(SENSOR_COUNTER_INFO)
#undef SENSOR_COUNTER_INFO
});
static_assert(kInfo.size() == DecodeCounters::kSize);

constexpr auto kInTunnel = std::to_array<std::string_view>({
#define SENSOR_IN_TUNNEL(id, name, help) name "_in_tunnel",
    SENSOR_DECODE_WEIRDS(SENSOR_IN_TUNNEL)
#undef SENSOR_IN_TUNNEL
});
static_assert(kInTunnel.size() == static_cast<size_t>(DecodeCounter::kWeirds));

}  // namespace

const CounterInfo& counter_info(DecodeCounter c) {
  assert(c < DecodeCounter::kCount);
  return kInfo[static_cast<size_t>(c)];
}

std::string_view weird_name(DecodeCounter weird, bool in_tunnel) {
  assert(weird < DecodeCounter::kWeirds);
  return in_tunnel ? kInTunnel[static_cast<size_t>(weird)] : counter_info(weird).name;
}

}  // namespace sensor
