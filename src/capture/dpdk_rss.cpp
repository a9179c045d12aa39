#include "dpdk_rss.h"

#include <rte_ethdev.h>

namespace sensor {
namespace {

/// What most cards take.
constexpr uint8_t kUsualKeyBytes = 40;

}  // namespace

uint64_t rss_fields(uint64_t offered) {
  // Not the variants with extension headers (RTE_ETH_RSS_IPV6_EX …): they may hash the home address, which is in one direction only.
  return offered &
         (RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_FRAG_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_TCP | RTE_ETH_RSS_NONFRAG_IPV4_UDP |
          RTE_ETH_RSS_NONFRAG_IPV4_SCTP | RTE_ETH_RSS_NONFRAG_IPV4_OTHER | RTE_ETH_RSS_IPV6 | RTE_ETH_RSS_FRAG_IPV6 |
          RTE_ETH_RSS_NONFRAG_IPV6_TCP | RTE_ETH_RSS_NONFRAG_IPV6_UDP | RTE_ETH_RSS_NONFRAG_IPV6_SCTP | RTE_ETH_RSS_NONFRAG_IPV6_OTHER);
}

RssKey::RssKey(uint8_t bytes) : bytes_(bytes == 0 ? kUsualKeyBytes : bytes) {
  for (size_t i = 0; i < bytes_.size(); i++) bytes_[i] = i % 2 == 0 ? 0x6d : 0x5a;
}

}  // namespace sensor
