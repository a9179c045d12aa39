#include "dashboard_assets.h"

namespace sensor {

std::span<const Asset> dashboard_assets() {
  return {};
}

}  // namespace sensor
