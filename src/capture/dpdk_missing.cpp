// Stands in for the DPDK source where the library was not there.
#include "sensor/capture/dpdk.h"

namespace sensor {

Result<DpdkQueues> open_dpdk(const DpdkOptions&) {
  return Error{Error::Usage, "this sensor was built without DPDK; build it with -Ddpdk=enabled, or capture with --interface"};
}
void in_dpdk_threads(void (*)()) {}
bool dpdk_available() {
  return false;
}

}  // namespace sensor
