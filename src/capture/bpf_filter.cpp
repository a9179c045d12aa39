#include "bpf_filter.h"

#include <fmt/format.h>

#include <cassert>

#include "link_type.h"
#include "sensor/capture/pcap_file.h"

namespace sensor {

bool can_filter(LinkType link) {
  constexpr unsigned kNflog = 239;
  return static_cast<unsigned>(link) == kNflog || BpfFilter("ip or not ip").prepare(link).ok();
}

BpfFilter::BpfFilter(std::string expression)
    : expression_(std::move(expression)), active_(expression_.find_first_not_of(" \t\r\n") != std::string::npos) {}

const BpfFilter::Compiled* BpfFilter::find(LinkType link) const {
  for (const auto& c : compiled_)
    if (c.link == link) return &c;
  return nullptr;
}

Status BpfFilter::prepare(LinkType link) {
  if (!active_ || find(link) != nullptr) return Ok{};
  // A handle of its own, not pcap_compile_nopcap(): only a handle gives the compiler's message.
  const std::unique_ptr<pcap_t, decltype(&::pcap_close)> handle(::pcap_open_dead(dlt_of(link), PcapFileSource::kMaxPacketBytes),
                                                                &::pcap_close);
  if (handle == nullptr) return Error{Error::RunTime, "out of memory while compiling the filter"};
  std::unique_ptr<bpf_program, FreeProgram> program(new bpf_program{});
  if (::pcap_compile(handle.get(), program.get(), expression_.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0)
    return Error{Error::Usage, fmt::format("the filter '{}' is not valid for link type {}: {}; pcap-filter(7) describes the language",
                                           expression_, static_cast<unsigned>(link), ::pcap_geterr(handle.get()))};
  compiled_.push_back({link, std::move(program)});
  last_ = nullptr;
  return Ok{};
}

Status BpfFilter::check_syntax() {
  if (!active_) return Ok{};
  const Status ethernet = prepare(LinkType::Ethernet);
  if (ethernet) return ethernet;
  for (LinkType link : {LinkType::LinuxSll, LinkType::RawIp, LinkType::Ieee80211Radiotap, LinkType::Ppp})
    if (prepare(link)) return Ok{};
  return ethernet;
}

const bpf_program* BpfFilter::program(LinkType link) const {
  const Compiled* c = find(link);
  return c == nullptr ? nullptr : c->program.get();
}

bool BpfFilter::matches(const PacketView& packet) {
  if (!active_) return true;
  if (last_ == nullptr || last_->link != packet.link) last_ = find(packet.link);
  assert(last_ != nullptr);
  return ::bpf_filter(last_->program->bf_insns, packet.data.data(), packet.wire_len, static_cast<u_int>(packet.data.size())) != 0;
}

}  // namespace sensor
