// Sockets that listen.
#pragma once

#include <cstdint>
#include <string>

#include "sensor/base/result.h"

namespace sensor {

/// A Unix socket at `path`, made anew, for its owner alone. Error{Usage}: it cannot be had.
Result<int> listen_on_path(const std::string& path);
/// A TCP socket. `address` is numeric. Error{Usage}.
Result<int> listen_on_port(const std::string& address, uint16_t port);

}  // namespace sensor
