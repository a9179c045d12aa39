// Which flow a packet belongs to.
#pragma once

#include "sensor/flow/flow.h"

namespace sensor {

struct PacketKey {
  FlowKey key;
  bool src_is_second = false;  // the packet's source is key.addr[1]
};

/// Sets the key of a packet and where its source stands in it. In place: a copy would have to wait until all its parts are written.
void set_key(const DecodedPacket& packet, PacketKey& key);

/// Ports where a server is more likely than a client: who seems to be calling from one is taken to answer.
bool is_likely_server_port(Transport transport, uint16_t port);

}  // namespace sensor
