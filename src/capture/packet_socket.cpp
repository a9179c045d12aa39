#include "packet_socket.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/filter.h>
#include <linux/net_tstamp.h>
#include <linux/sockios.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cctype>
#include <cerrno>
#include <cstring>
#include <vector>

#include "fanout_program.h"

namespace sensor {
namespace {

/// A program that returns this much takes whole packets.
constexpr uint32_t kWholePacket = 0x40000;

Error refused(const std::string& interface, std::string_view what, std::string_view remedy) {
  return {Error::RunTime, fmt::format("cannot capture on {}: {}: {}; {}", interface, what, std::strerror(errno), remedy)};
}

Status attach(int fd, std::vector<sock_filter> program) {
  const sock_fprog p{static_cast<unsigned short>(program.size()), program.data()};
  if (::setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &p, sizeof(p)) == 0) return Ok{};
  return Error{Error::Usage, fmt::format("the kernel does not take the filter ({} instructions): {}; write a shorter one", program.size(),
                                         std::strerror(errno))};
}

Status take_nothing(int fd) {
  return attach(fd, {BPF_STMT(BPF_RET | BPF_K, 0)});
}

/// On the loopback interface every packet is seen twice: what goes out comes in again.
void leave_out_outgoing(std::vector<sock_filter>& program) {
  program.insert(program.begin(), {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<uint32_t>(SKF_AD_OFF + SKF_AD_PKTTYPE)),
                                   BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PACKET_OUTGOING, 0, 1), BPF_STMT(BPF_RET | BPF_K, 0)});
}

Status use_hardware_clock(int fd, const std::string& interface) {
  hwtstamp_config wanted{};
  wanted.rx_filter = HWTSTAMP_FILTER_ALL;
  ifreq r{};
  interface.copy(r.ifr_name, sizeof(r.ifr_name) - 1);
  r.ifr_data = reinterpret_cast<char*>(&wanted);
  const int source = SOF_TIMESTAMPING_RAW_HARDWARE;
  if (::ioctl(fd, SIOCSHWTSTAMP, &r) == 0 && ::setsockopt(fd, SOL_PACKET, PACKET_TIMESTAMP, &source, sizeof(source)) == 0) return Ok{};
  return Error{Error::Usage, fmt::format("{} does not give packets the card's time: {}; set capture.timestamps to software", interface,
                                         std::strerror(errno))};
}

}  // namespace

bool kernel_can_apply(const std::string& filter) {
  constexpr std::string_view kWord = "vlan";
  const auto part_of_word = [&](size_t i) { return i < filter.size() && std::isalnum(static_cast<unsigned char>(filter[i])) != 0; };
  for (size_t at = filter.find(kWord); at != std::string::npos; at = filter.find(kWord, at + 1))
    if ((at == 0 || !part_of_word(at - 1)) && !part_of_word(at + kWord.size())) return false;
  return true;
}

LinkType link_type_of(const InterfaceState& state) {
  switch (state.hardware) {
    case ARPHRD_ETHER:
    case ARPHRD_LOOPBACK:
      return LinkType::Ethernet;
    case ARPHRD_IEEE80211:
      return LinkType::Ieee80211;
    case ARPHRD_IEEE80211_RADIOTAP:
      return LinkType::Ieee80211Radiotap;
    default:
      return LinkType::RawIp;
  }
}

Result<PacketSocket> PacketSocket::open(const std::string& interface, const InterfaceState& state, const AfPacketOptions& options) {
  const LinkType link = link_type_of(state);
  FileDescriptor fd(::socket(AF_PACKET, (link == LinkType::RawIp ? SOCK_DGRAM : SOCK_RAW) | SOCK_CLOEXEC, 0));
  if (!fd.ok())
    return refused(interface, "no packet socket",
                   "run as root, or give the program the right once: setcap cap_net_raw,cap_net_admin=eip PATH/TO/sensor");
  PacketSocket s(std::move(fd), state, link);
  if (auto ready = s.set_up(interface, options); !ready.ok()) return ready.error();
  return s;
}

Status PacketSocket::set_up(const std::string& interface, const AfPacketOptions& options) {
  if (auto s = take_nothing(fd()); !s.ok()) return s;
  auto ring = TpacketRing::create(fd(), options.ring_bytes, link_);
  if (!ring.ok())
    return Error{Error::RunTime, fmt::format("cannot capture on {}: no ring of {} MiB: {}; set capture.ring_mib or worker.count lower",
                                             interface, options.ring_bytes >> 20, ring.error().message)};
  ring_.emplace(std::move(ring).value());
  if (options.timestamps == TimestampSource::Hardware)
    if (auto s = use_hardware_clock(fd(), interface); !s.ok()) return s;
  if (auto s = bind_to(interface); !s.ok()) return s;
  if (!options.promiscuous) return Ok{};
  packet_mreq membership{};
  membership.mr_ifindex = index_;
  membership.mr_type = PACKET_MR_PROMISC;
  if (::setsockopt(fd(), SOL_PACKET, PACKET_ADD_MEMBERSHIP, &membership, sizeof(membership)) != 0)
    return refused(interface, "no promiscuous mode", "set capture.promiscuous to false");
  return Ok{};
}

Status PacketSocket::bind_to(const std::string& interface) {
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_ifindex = index_;
  // Without a link layer to read, only IP can be told apart.
  address.sll_protocol = htons(ETH_P_ALL);
  if (::bind(fd(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
    return refused(interface, "bind", "look at the interface with 'ip link'");
  return Ok{};
}

Result<uint16_t> PacketSocket::join(Fanout mode, uint16_t id) {
  constexpr unsigned kIdBits = 16;
  unsigned type = PACKET_FANOUT_HASH | PACKET_FANOUT_FLAG_DEFRAG;
  if (mode == Fanout::Bpf) type = PACKET_FANOUT_CBPF;
  if (mode == Fanout::Cpu) type = PACKET_FANOUT_CPU;
  if (mode == Fanout::Qm) type = PACKET_FANOUT_QM;
  if (id == 0) type |= PACKET_FANOUT_FLAG_UNIQUEID;
  unsigned argument = id | type << kIdBits;
  if (::setsockopt(fd(), SOL_PACKET, PACKET_FANOUT, &argument, sizeof(argument)) != 0)
    return Error{Error::RunTime,
                 fmt::format("the kernel does not share packets out among several workers (capture.fanout): {}; set worker.count to 1",
                             std::strerror(errno))};
  if (mode == Fanout::Bpf) {
    auto program = address_pair_program();
    const sock_fprog p{static_cast<unsigned short>(program.size()), program.data()};
    if (::setsockopt(fd(), SOL_PACKET, PACKET_FANOUT_DATA, &p, sizeof(p)) != 0)
      return Error{Error::RunTime,
                   fmt::format("the kernel does not take the program that shares packets out: {}; set capture.fanout to hash",
                               std::strerror(errno))};
  }
  socklen_t size = sizeof(argument);
  if (::getsockopt(fd(), SOL_PACKET, PACKET_FANOUT, &argument, &size) != 0) argument = id;
  return static_cast<uint16_t>(argument);
}

Status PacketSocket::begin(const std::string& filter) {
  BpfFilter compiled(kernel_can_apply(filter) ? filter : std::string());
  if (auto s = compiled.prepare(link_); !s.ok()) return s;
  std::vector<sock_filter> program;
  if (const bpf_program* p = compiled.program(link_); p != nullptr)
    for (unsigned i = 0; i < p->bf_len; i++)
      program.push_back({p->bf_insns[i].code, p->bf_insns[i].jt, p->bf_insns[i].jf, p->bf_insns[i].k});
  if (program.empty()) program.push_back(BPF_STMT(BPF_RET | BPF_K, kWholePacket));
  if (loopback_) leave_out_outgoing(program);
  return attach(fd(), std::move(program));
}

Status PacketSocket::close_intake() {
  return take_nothing(fd());
}

SocketStatistics PacketSocket::statistics() {
  tpacket_stats_v3 s{};
  socklen_t size = sizeof(s);
  if (::getsockopt(fd(), SOL_PACKET, PACKET_STATISTICS, &s, &size) != 0) return {};
  return {s.tp_packets, s.tp_drops, s.tp_freeze_q_cnt};
}

bool PacketSocket::take_error() {
  int error = 0;
  socklen_t size = sizeof(error);
  return ::getsockopt(fd(), SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error != 0;
}

}  // namespace sensor
