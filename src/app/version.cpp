#include "sensor/app/version.h"

#include <fmt/format.h>

#include "dpi/ndpi/ndpi_classifier.h"

namespace sensor {

std::string version_text() {
  return fmt::format("sensor {}\napplication labels: {}\n", SENSOR_VERSION, NdpiClassifier::available() ? "nDPI" : "not built in");
}

}  // namespace sensor
