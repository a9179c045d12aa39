// Packets from DPDK ports: cards bound to a user-space driver, or software ports (doc.dpdk.org/guides/nics).
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sensor/capture/live_source.h"

namespace sensor {

/// What a thread that reads ports does while there is no packet.
enum class IdleMode : uint8_t {
  Sleep,      // for up to a millisecond, then it looks again
  Interrupt,  // until the port wakes it; where a port cannot, Sleep
  Poll,       // spins
};
inline constexpr std::array<std::string_view, 3> kIdleModeNames{"sleep", "interrupt", "poll"};

struct DpdkOptions {
  /// Arguments of DPDK's environment layer as on a command line (doc.dpdk.org/guides/linux_gsg/linux_eal_parameters.html). Unless they say
  /// otherwise, EAL's files are kept in memory, it listens to nobody, and no thread is pinned.
  std::string eal;
  /// Names or numbers; empty: every port there is.
  std::vector<std::string> ports;
  /// BPF expression (pcap-filter(7)), applied by the workers; empty: every packet.
  std::string filter;
  /// Queues, one a worker. 0: one for each core that the EAL arguments name (-l, -c, --lcores), or default_workers. With cores named,
  /// worker i runs on the i-th of them, and the distributor on the one after.
  size_t workers = 0;
  size_t default_workers = 1;
  Fanout fanout = Fanout::Hash;
  /// Descriptors of a port's queue, as far as the port goes along.
  uint16_t queue_packets = 4096;
  /// Packets that the distributor may be ahead of a worker; a power of two.
  uint32_t ring_packets = 16384;
  /// Largest packet, without link layer; 0: 9000 where the port can spread a packet over several buffers, else what it has by itself.
  uint32_t mtu = 0;
  bool promiscuous = true;
  IdleMode idle = IdleMode::Sleep;
  /// Told what becomes of the ports and what errors DPDK speaks of, one sentence at a time, in any thread.
  std::function<void(const std::string&)> report;
};

/// A port that packets are captured from.
struct DpdkPortMode {
  std::string name;
  IdleMode idle = IdleMode::Sleep;  // that was possible
};

struct DpdkQueues {
  std::vector<std::unique_ptr<LiveSource>> queues;  // one a worker
  std::vector<DpdkPortMode> ports;
};

/// Starts DPDK (once in a process; later calls must give the same arguments) and its ports, which take packets in from now on. In the main
/// thread, before any other is started: EAL makes threads of its own. Error: which step failed, what DPDK said of it, and the remedy;
/// Usage for arguments, ports and filters, RunTime for memory and the card.
///
/// A port with a queue for every worker that can hash both directions of a connection alike (symmetric RSS) shares packets out itself.
/// Otherwise one thread reads it and gives packets to the workers over a ring each, by the address pair; a packet that finds the ring full
/// is dropped and counted.
///
/// Packets are stamped by the clock when they are taken from the port, those of a burst evenly between the look before and this one. Their
/// bytes lie in DPDK's buffers until the batch ends; those of a packet that is spread over several buffers are copied. VLAN tags that the
/// driver took out are put back.
///
/// IdleMode::Interrupt: a thread waits only if each port that it reads can wake it; of a port whose threads sleep instead, `report` is
/// told. Workers that a distributor feeds sleep.
Result<DpdkQueues> open_dpdk(const DpdkOptions& options);
/// Calls f in every thread that EAL has made, and waits for it. After open_dpdk().
void in_dpdk_threads(void (*f)());
/// False: built without it, and open_dpdk() only says so.
bool dpdk_available();

}  // namespace sensor
