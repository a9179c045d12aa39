#include "sensor/app/version.h"

#include <fmt/format.h>

#include "dpi/ndpi/ndpi_classifier.h"
#include "sensor/capture/dpdk.h"

namespace sensor {

std::string version_text() {
  constexpr std::string_view kMissing = "not built in";
  return fmt::format("sensor {}\napplication labels: {}\nDPDK: {}\n", SENSOR_VERSION, NdpiClassifier::available() ? "nDPI" : kMissing,
                     dpdk_available() ? "built in" : kMissing);
}

}  // namespace sensor
