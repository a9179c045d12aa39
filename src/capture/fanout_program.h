// The BPF program that chooses a worker by a packet's address pair.
#pragma once

#include <linux/filter.h>

#include <vector>

namespace sensor {

/// Classic BPF for PACKET_FANOUT_CBPF: the same number for both directions between two hosts, IPv4 and IPv6; 0 for what is neither.
std::vector<sock_filter> address_pair_program();

}  // namespace sensor
