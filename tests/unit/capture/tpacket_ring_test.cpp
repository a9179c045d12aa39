#include "src/capture/tpacket_ring.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <limits>

#include "src/capture/file_descriptor.h"

namespace sensor {
namespace {

constexpr TimeNs kForever = std::numeric_limits<TimeNs>::max();

/// The loopback interface; what this test sends is longer than what others are likely to.
struct Ring : testing::Test {
  static constexpr size_t kDatagram = 60'000;

  FileDescriptor capture{::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0)}, sender{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};

  void SetUp() override {
    if (!capture.ok()) GTEST_SKIP() << "no right to open packet sockets";
  }
  bool bind_to_loopback() const {
    sock_filter only_long[] = {BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0), BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, kDatagram, 0, 1),
                               BPF_STMT(BPF_RET | BPF_K, 0x40000), BPF_STMT(BPF_RET | BPF_K, 0)};
    const sock_fprog program{4, only_long};
    sockaddr_ll a{};
    a.sll_family = AF_PACKET;
    a.sll_protocol = htons(3);  // ETH_P_ALL
    a.sll_ifindex = static_cast<int>(::if_nametoindex("lo"));
    return ::setsockopt(capture.get(), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) == 0 &&
           ::bind(capture.get(), reinterpret_cast<const sockaddr*>(&a), sizeof(a)) == 0;
  }
  void send_datagram() const {
    const std::array<char, kDatagram> bytes{};
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(9);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    (void)::sendto(sender.get(), bytes.data(), bytes.size(), 0, reinterpret_cast<const sockaddr*>(&to), sizeof(to));
  }
};

TEST_F(Ring, CountsTheBlocksThatWait) {
  auto made = TpacketRing::create(capture.get(), 4 * TpacketRing::kBlockBytes, LinkType::Ethernet);
  if (!made.ok()) GTEST_SKIP() << made.error().message;
  TpacketRing& ring = made.value();
  EXPECT_EQ(ring.depth().waiting, 0U);
  EXPECT_EQ(ring.depth().capacity, 4U);
  if (!bind_to_loopback()) GTEST_SKIP() << "no loopback interface";
  // A block is full after seventeen of them; each is seen going out and coming in.
  for (int i = 0; i < 20; i++) send_datagram();
  pollfd p{capture.get(), POLLIN, 0};
  if (::poll(&p, 1, 1000) <= 0) GTEST_SKIP() << "the loopback interface is down";
  ::poll(nullptr, 0, 100);  // the last block is handed over when its time is up
  const size_t waiting = ring.depth().waiting;
  EXPECT_GE(waiting, 2U);
  EXPECT_LE(waiting, 4U);

  std::array<PacketView, 64> packets;
  for (size_t left = waiting; left != 0; left--) {
    EXPECT_EQ(ring.depth().waiting, left);
    EXPECT_GT(ring.take(packets, kForever), 0U);
    EXPECT_EQ(ring.depth().waiting, left) << "until its packets are given back";
    ring.release();
  }
  EXPECT_EQ(ring.depth().waiting, 0U);
}

}  // namespace
}  // namespace sensor
