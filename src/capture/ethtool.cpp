#include "ethtool.h"

#include <linux/ethtool.h>
#include <linux/net_tstamp.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>

namespace sensor {
namespace {

/// What the kernel and a card may claim of themselves at most.
constexpr uint32_t kMostFeatures = 1024, kMostRssBytes = 1 << 16;
constexpr uint32_t kFeaturesInBlock = 32;
/// ethtool_rxfh.input_xfrm, the byte after hfunc, since Linux 6.8.
constexpr uint8_t kSymmetricXor = 1;

/// An ioctl structure with a variable tail.
template <class Head>
class WithTail {
 public:
  WithTail(uint32_t command, size_t tail_bytes) : bytes_((sizeof(Head) + tail_bytes + sizeof(uint64_t) - 1) / sizeof(uint64_t)) {
    head().cmd = command;
  }
  Head& head() { return *reinterpret_cast<Head*>(bytes_.data()); }
  uint8_t byte(size_t at) const { return reinterpret_cast<const uint8_t*>(bytes_.data())[at]; }
  uint8_t* tail() { return reinterpret_cast<uint8_t*>(bytes_.data()) + sizeof(Head); }

 private:
  std::vector<uint64_t> bytes_;
};

size_t blocks(size_t features) {
  return (features + kFeaturesInBlock - 1) / kFeaturesInBlock;
}

}  // namespace

bool stamps_every_packet(const ReceiveClock& clock) {
  constexpr uint32_t kNeeded = SOF_TIMESTAMPING_RX_HARDWARE | SOF_TIMESTAMPING_RAW_HARDWARE;
  return (clock.stamping & kNeeded) == kNeeded && (clock.filters >> HWTSTAMP_FILTER_ALL & 1) != 0;
}

Ethtool::Ethtool(std::string interface) : interface_(std::move(interface)), socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {}

bool Ethtool::call(void* command) {
  ifreq r{};
  interface_.copy(r.ifr_name, sizeof(r.ifr_name) - 1);
  r.ifr_data = static_cast<char*>(command);
  return socket_.ok() && ::ioctl(socket_.get(), SIOCETHTOOL, &r) >= 0;
}

DriverInfo Ethtool::driver() {
  ethtool_drvinfo info{};
  info.cmd = ETHTOOL_GDRVINFO;
  if (!call(&info)) return {};
  return {info.driver, info.bus_info};
}

ReceiveClock Ethtool::receive_clock() {
  ethtool_ts_info info{};
  info.cmd = ETHTOOL_GET_TS_INFO;
  if (!call(&info)) return {};
  return {info.so_timestamping, info.rx_filters};
}

std::vector<std::string> Ethtool::feature_names() {
  WithTail<ethtool_sset_info> set(ETHTOOL_GSSET_INFO, sizeof(uint32_t));
  set.head().sset_mask = 1ULL << ETH_SS_FEATURES;
  if (!call(&set.head()) || set.head().sset_mask == 0) return {};
  uint32_t count = 0;
  std::memcpy(&count, set.tail(), sizeof(count));
  if (count > kMostFeatures) return {};
  WithTail<ethtool_gstrings> strings(ETHTOOL_GSTRINGS, size_t{count} * ETH_GSTRING_LEN);
  strings.head().string_set = ETH_SS_FEATURES;
  strings.head().len = count;
  if (!call(&strings.head())) return {};
  std::vector<std::string> names;
  for (uint32_t i = 0; i < count; i++) {
    const char* name = reinterpret_cast<const char*>(strings.tail()) + size_t{i} * ETH_GSTRING_LEN;
    names.emplace_back(name, ::strnlen(name, ETH_GSTRING_LEN));
  }
  return names;
}

std::vector<std::string> Ethtool::active_features() {
  const std::vector<std::string> names = feature_names();
  WithTail<ethtool_gfeatures> answer(ETHTOOL_GFEATURES, blocks(names.size()) * sizeof(ethtool_get_features_block));
  answer.head().size = static_cast<uint32_t>(blocks(names.size()));
  if (names.empty() || !call(&answer.head())) return {};
  std::vector<std::string> active;
  for (size_t i = 0; i < names.size(); i++) {
    const ethtool_get_features_block& b = answer.head().features[i / kFeaturesInBlock];
    const uint32_t bit = 1U << (i % kFeaturesInBlock);
    if ((b.active & bit) != 0 && (b.available & bit) != 0 && (b.never_changed & bit) == 0) active.push_back(names[i]);
  }
  return active;
}

std::optional<RingSize> Ethtool::receive_ring() {
  ethtool_ringparam ring{};
  ring.cmd = ETHTOOL_GRINGPARAM;
  if (!call(&ring) || ring.rx_max_pending == 0) return std::nullopt;
  return RingSize{ring.rx_pending, ring.rx_max_pending};
}

std::optional<RssHash> Ethtool::rss_hash() {
  ethtool_rxfh sizes{};
  sizes.cmd = ETHTOOL_GRSSH;
  if (!call(&sizes) || sizes.key_size == 0) return std::nullopt;
  const size_t indirection = size_t{sizes.indir_size} * sizeof(uint32_t);
  if (indirection + sizes.key_size > kMostRssBytes) return std::nullopt;
  WithTail<ethtool_rxfh> answer(ETHTOOL_GRSSH, indirection + sizes.key_size);
  answer.head().indir_size = sizes.indir_size;
  answer.head().key_size = sizes.key_size;
  if (!call(&answer.head())) return std::nullopt;
  const uint8_t* key = answer.tail() + indirection;
  const uint8_t transformed = answer.byte(offsetof(ethtool_rxfh, hfunc) + 1);
  // Drivers that do not name the function use Toeplitz.
  const bool toeplitz = answer.head().hfunc == 0 || (answer.head().hfunc & 1) != 0;
  return RssHash{{key, key + sizes.key_size}, toeplitz, (transformed & kSymmetricXor) != 0};
}

bool Ethtool::rss_fields_pair() {
  for (const uint32_t kind : {TCP_V4_FLOW, UDP_V4_FLOW, TCP_V6_FLOW, UDP_V6_FLOW}) {
    ethtool_rxnfc fields{};
    fields.cmd = ETHTOOL_GRXFH;
    fields.flow_type = kind;
    if (!call(&fields)) continue;
    const auto has = [&](uint64_t bit) { return (fields.data & bit) != 0; };
    if (has(RXH_IP_SRC) != has(RXH_IP_DST) || has(RXH_L4_B_0_1) != has(RXH_L4_B_2_3)) return false;
  }
  return true;
}

Status Ethtool::switch_off(const std::vector<std::string>& features) {
  const std::vector<std::string> names = feature_names();
  WithTail<ethtool_sfeatures> wish(ETHTOOL_SFEATURES, blocks(names.size()) * sizeof(ethtool_set_features_block));
  wish.head().size = static_cast<uint32_t>(blocks(names.size()));
  for (size_t i = 0; i < names.size(); i++)
    if (std::ranges::find(features, names[i]) != features.end())
      wish.head().features[i / kFeaturesInBlock].valid |= 1U << (i % kFeaturesInBlock);
  if (call(&wish.head())) return Ok{};
  return Error{Error::RunTime, std::strerror(errno)};
}

Status Ethtool::set_receive_ring(uint32_t descriptors) {
  ethtool_ringparam ring{};
  ring.cmd = ETHTOOL_GRINGPARAM;
  if (call(&ring)) {
    ring.cmd = ETHTOOL_SRINGPARAM;
    ring.rx_pending = descriptors;
    if (call(&ring)) return Ok{};
  }
  return Error{Error::RunTime, std::strerror(errno)};
}

}  // namespace sensor
