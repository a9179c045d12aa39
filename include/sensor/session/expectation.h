// A connection that another one announces: FTP's data, a file sent over IRC, the media of a call.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "sensor/net/packet.h"
#include "sensor/record/types.h"

namespace sensor {

enum class ProtocolId : uint8_t;

/// What the announcing analyzer learns of the file that the expected connection carries. Shared by the two analyzers, which are one
/// worker's. They may derive from it for what else they share; who reads a connection for a protocol then knows who announced it.
struct ExpectedFile {
  std::optional<Uid> fuid;
  std::optional<std::string_view> mime_type;  // static storage
};

/// Plain but for `file`: a copy without it may be given to Session::expect() of another worker, where the connection may arrive; its file
/// is then logged, and only the announcing analyzer does not hear of it.
struct Expectation {
  IpAddress orig;  // unspecified: whoever connects
  IpAddress resp;
  uint16_t resp_port = 0;
  Transport transport = Transport::Tcp;
  ProtocolId protocol{};     // reads the connection, instead of what its port says
  std::string_view service;  // the connection's service from its beginning; static storage; empty: the protocol confirms it
  DurationNs lifetime_ns = 300 * kSecond;
  TimeNs announced_ns = 0;  // packet time; set by the session
  std::shared_ptr<ExpectedFile> file = nullptr;
};

}  // namespace sensor
