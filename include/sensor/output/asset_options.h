// Which of known_hosts.log, known_services.log, known_certs.log and software.log are written, and about whom.
#pragma once

#include "sensor/output/notice_options.h"

namespace sensor {

struct AssetOptions {
  OptionalLogs optional = OptionalLogs::Live;
  HostChoice hosts = HostChoice::Local;
};

}  // namespace sensor
