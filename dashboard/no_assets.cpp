#include "dashboard/dashboard_assets.h"

namespace sensor {

std::span<const DashboardAsset> dashboard_assets() {
  return {};
}

}  // namespace sensor
