// Everything that decoding and fragment reassembly count: Zeek's weirds, and what became of each packet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sensor/base/counters.h"

namespace sensor {

// Anomalies: identifier, Zeek's name of the weird, and what one unit of the counter means.
// clang-format off
#define SENSOR_DECODE_WEIRDS(X)                                                                                                        \
  X(EmptyPcapHeader, "empty_pcap_header", "packets without a length, or of which nothing was captured")                                \
  X(MaxAnalyzerDepth, "max_packet_analyzer_depth_exceeded", "packets with more nested headers than are followed")                      \
  X(NoSuitableAnalyzer, "no_suitable_analyzer_found", "frames whose content nothing here reads (Novell raw 802.3)")                    \
  X(TruncatedEthernet, "truncated_ethernet_frame", "Ethernet frames cut within the header, or shorter than their length field says")   \
  X(TruncatedFabricPath, "truncated_link_header_cfp", "Cisco FabricPath frames cut within the header")                                 \
  X(UndefinedEtherType, "undefined_ether_type", "Ethernet frames whose type is between 1501 and 1535")                                 \
  X(TruncatedVlan, "truncated_VLAN_header", "VLAN tags without anything after them")                                                   \
  X(TruncatedVlanFrame, "truncated_vlan_frame", "VLAN-tagged 802.3 frames cut before the LLC header")                                  \
  X(UndefinedVlanProtocol, "undefined_vlan_protocol", "VLAN tags whose type is between 1501 and 1535")                                 \
  X(TruncatedLlc, "truncated_llc_header", "802.2 headers cut short")                                                                   \
  X(TruncatedSnapLlc, "truncated_snap_llc_header", "SNAP frames cut within the 802.2 header")                                          \
  X(TruncatedSnap, "truncated_snap_header", "SNAP headers cut short")                                                                  \
  X(NullFailed, "null_analyzer_failed", "BSD loopback frames without anything after the address family")                               \
  X(TruncatedPpp, "truncated_ppp_header", "PPP frames cut within the header")                                                          \
  X(TruncatedPppHdlc, "truncated_ppp_hdlc_header", "PPP frames in HDLC framing cut within the header")                                 \
  X(TruncatedPppSerial, "truncated_ppp_serial_header", "PPP frames of a serial line cut within the header")                            \
  X(TruncatedPppoe, "truncated_pppoe_header", "PPPoE headers cut short")                                                               \
  X(PppoeExtraData, "pppoe_extra_data_after_payload", "PPPoE frames longer than their length field says")                              \
  X(PppoeTruncated, "pppoe_truncated_payload", "PPPoE frames shorter than their length field says")                                    \
  X(TruncatedVntag, "truncated_vntag_header", "VN-Tag headers cut short")                                                              \
  X(TruncatedPbb, "truncated_PBB_header", "provider backbone bridge (802.1ah) headers cut short")                                      \
  X(TruncatedMpls, "truncated_link_header", "MPLS label stacks without anything after them")                                           \
  X(TruncatedSll, "truncated_Linux_SLL_header", "Linux cooked frames cut within the header")                                           \
  X(TruncatedSll2, "truncated_Linux_SLL2_header", "Linux cooked frames (version 2) cut within the header")                             \
  X(TruncatedNflog, "truncated_nflog_header", "NFLOG frames cut within the header")                                                    \
  X(UnknownNflogVersion, "unknown_nflog_version", "NFLOG frames of a version other than 0")                                            \
  X(NflogNoPayload, "nflog_no_pcap_payload", "NFLOG frames without a payload")                                                         \
  X(NflogBadTlvLen, "nflog_bad_tlv_len", "NFLOG frames with an impossible field length")                                               \
  X(TruncatedArp, "truncated_ARP", "ARP packets cut short")                                                                            \
  X(TruncatedFddi, "FDDI_analyzer_failed", "FDDI frames cut within the header")                                                        \
  X(TruncatedWifi, "truncated_802_11_header", "802.11 frames cut within the header")                                                   \
  X(TruncatedAmsdu, "truncated_802_11_amsdu_header", "802.11 aggregates cut within a subframe header")                                 \
  X(TruncatedAmsduPacket, "truncated_802_11_amsdu_packet", "802.11 aggregates cut within a subframe")                                  \
  X(InvalidAmsduPacket, "invalid_802_11_amsdu_inner_packet", "802.11 aggregates with a subframe that could not be read")               \
  X(TruncatedWifiLlc, "truncated_802_11_llc_header", "802.11 frames cut within the 802.2 header")                                      \
  X(TruncatedRadiotap, "truncated_radiotap_header", "radiotap headers cut short")                                                      \
  X(TruncatedIp, "truncated_IP", "packets cut within the fixed IP header")                                                             \
  X(UnknownIpVersion, "unknown_ip_version", "packets where IP was expected and the version is neither 4 nor 6")                        \
  X(IpLenZero, "ip_hdr_len_zero", "IPv4 packets with a total length of zero (TCP segmentation offload)")                               \
  X(TruncatedIpLen, "truncated_IP_len", "packets whose IP length exceeds what was on the wire")                                        \
  X(InvalidIpHeaderSize, "invalid_IP_header_size", "packets whose IP headers are longer than the IP length")                           \
  X(InternallyTruncatedHeader, "internally_truncated_header", "headers longer than what was captured")                                 \
  X(Ipv4MinHeader, "IPv4_min_header_size", "IPv4 headers that claim fewer than 20 bytes")                                              \
  X(BadIpChecksum, "bad_IP_checksum", "IPv4 headers with a wrong checksum")                                                            \
  X(IncompleteFragment, "incompletely_captured_fragment", "fragments that the capture cut, so they cannot be put together")            \
  X(BadMobilityChecksum, "bad_MH_checksum", "mobility headers with a wrong checksum")                                                  \
  X(MobilityPiggyback, "mobility_piggyback", "mobility headers followed by another header")                                            \
  X(Ipv6NoNext, "ipv6_no_next", "IPv6 packets that carry nothing")                                                                     \
  X(MultipleRoutingHeaders, "multiple_routing_headers", "IPv6 packets with more than one routing header")                              \
  X(OddRouting0Len, "odd_routing0_len", "type 0 routing headers of odd length")                                                        \
  X(Routing0, "routing0_hdr", "type 0 routing headers, which RFC 5095 deprecates")                                                     \
  X(BadRouting2Len, "bad_routing2_len", "type 2 routing headers of a wrong length")                                                    \
  X(UnknownRoutingType, "unknown_routing_type", "routing headers of another type than 0 and 2")                                        \
  X(BadDestOptLen, "bad_ipv6_dest_opt_len", "IPv6 destination options longer than their header")                                       \
  X(MultipleHomeAddr, "multiple_home_addr_opts", "IPv6 packets with more than one home address")                                       \
  X(BadHomeAddrLen, "bad_home_addr_len", "home address options that do not hold an address")                                           \
  X(TruncatedHeader, "truncated_header", "transport headers longer than the IP payload")                                               \
  X(BadTcpHeaderLen, "bad_TCP_header_len", "TCP headers that claim fewer than 20 bytes")                                               \
  X(BadTcpChecksum, "bad_TCP_checksum", "TCP segments with a wrong checksum")                                                          \
  X(BadUdpChecksum, "bad_UDP_checksum", "UDP datagrams with a wrong checksum")                                                         \
  X(BadIcmpChecksum, "bad_ICMP_checksum", "ICMP messages with a wrong checksum")                                                       \
  X(UdpLenMismatch, "UDP_datagram_length_mismatch", "UDP datagrams whose length differs from the IP payload")                          \
  X(TunnelDepth, "exceeded_tunnel_max_depth", "packets with more nested tunnels than are followed")                                    \
  X(InvalidInnerIpVersion, "invalid_inner_IP_version", "tunnelled packets that are not the IP version they should be")                 \
  X(TruncatedInnerIp, "truncated_inner_IP", "tunnelled packets shorter than their IP length")                                          \
  X(InnerIpLenMismatch, "inner_IP_payload_length_mismatch", "tunnelled packets longer than their IP length")                           \
  X(TruncatedGre, "truncated_GRE", "GRE packets cut short")                                                                            \
  X(UnknownGreVersion, "unknown_gre_version", "GRE packets of another version than 0 and 1")                                           \
  X(EgreProtocol, "egre_protocol_type", "GRE version 1 packets that do not carry PPP")                                                 \
  X(GreRouting, "gre_routing", "GRE packets with a routing field, which is not followed")                                              \
  X(UnknownGreFlags, "unknown_gre_flags", "GRE packets with reserved flags set")                                                       \
  X(NonIpInEncap, "non_ip_packet_in_encap", "PPP frames in GRE that do not carry IP")                                                  \
  X(TruncatedTeredo, "truncated_Teredo", "Teredo packets cut short")                                                                   \
  X(TruncatedTeredoOrigin, "truncated_Teredo_origin_indication", "Teredo packets cut within the origin indication")                    \
  X(TruncatedTeredoAuth, "truncated_Teredo_authentication", "Teredo packets cut within the authentication header")                     \
  X(TruncatedIpv6InTeredo, "truncated_IPv6_in_Teredo", "Teredo packets cut within the IPv6 header")                                    \
  X(TeredoBubblePayload, "Teredo_bubble_with_payload", "Teredo bubbles with data after the IPv6 header")                               \
  X(VxlanEmpty, "vxlan_empty_packet", "VXLAN headers with nothing after them")                                                         \
  X(GeneveVersion, "geneve_invalid_version", "GENEVE packets of another version than 0")                                               \
  X(GeneveEmpty, "geneve_empty_packet", "GENEVE headers with nothing after them")                                                      \
  X(AyiyaEmpty, "ayiya_empty_packet", "AYIYA headers with nothing after them")                                                         \
  X(GtpDepth, "tunnel_depth", "GTP packets inside as many tunnels as are followed")                                                    \
  X(FragProtocol, "fragment_protocol_inconsistency", "fragments whose headers contradict those of their datagram")                     \
  X(FragWithDf, "fragment_with_DF", "fragments that were not to be fragmented")                                                        \
  X(FragSize, "fragment_size_inconsistency", "fragments that contradict the size of their datagram")                                   \
  X(FragTooSmall, "excessively_small_fragment", "fragments under 64 bytes that are not the last")                                      \
  X(FragTooLarge, "excessively_large_fragment", "fragments that end beyond 64000 bytes")                                               \
  X(FragInconsistency, "fragment_inconsistency", "overlapping fragments with different content")                                       \
  X(FragOverlap, "fragment_overlap", "overlapping fragments with the same content")

// What became of each call: up to WifiControl they add up to the number of header chains that were decoded. Of these, the inner ones were
// no packet of their own on the link: what a UDP tunnel carries, what was put together from fragments, the further packets of an aggregate.
#define SENSOR_DECODE_OUTCOMES(X)                                                                                                      \
  X(DecodedPackets, "decoded_packets", "packets handed on with addresses and transport")                                               \
  X(DecodedFragments, "decoded_fragments", "IP fragments handed to reassembly")                                                        \
  X(ArpPackets, "arp_packets", "ARP and RARP packets")                                                                                 \
  X(UnknownProtocol, "unknown_protocol_packets", "frames that carry a protocol which is not read")                                     \
  X(Malformed, "malformed_packets", "packets given up because of an anomaly")                                                          \
  X(EspPackets, "esp_packets", "IPv6 packets that are encrypted (ESP)")                                                                \
  X(MobilityPackets, "mobility_packets", "IPv6 packets with a mobility header")                                                        \
  X(EmptyPackets, "empty_ipv6_packets", "IPv6 packets that carry nothing")                                                             \
  X(WifiControl, "wifi_without_data", "802.11 frames without readable data (management, control, encrypted)")                          \
  X(InnerDecoded, "inner_decoded", "inner packets among those that were handed on (packets, fragments, ARP)")                          \
  X(InnerUndecoded, "inner_undecoded", "inner packets among those that were not")                                                      \
  X(WeirdsLost, "weirds_lost", "anomalies beyond what one packet may report")
// clang-format on

#define SENSOR_COUNTER_ID(id, name, help) id,
/// One value per anomaly (Zeek's weirds, up to kWeirds), then one per outcome.
enum class DecodeCounter : uint8_t {
  SENSOR_DECODE_WEIRDS(SENSOR_COUNTER_ID) kWeirds,
  kBeforeOutcomes = kWeirds - 1,
  SENSOR_DECODE_OUTCOMES(SENSOR_COUNTER_ID) kCount
};
#undef SENSOR_COUNTER_ID

/// Written by the worker that owns the decoder.
using DecodeCounters = CounterBlock<DecodeCounter>;

/// Name (for an anomaly: Zeek's name of the weird) and help of a counter.
const CounterInfo& counter_info(DecodeCounter c);
/// Zeek's name of an anomaly, with the suffix it gets inside a tunnel. Static storage.
std::string_view weird_name(DecodeCounter weird, bool in_tunnel);

}  // namespace sensor
