// A BPF expression, compiled for every link type it is used on.
#pragma once

#include <pcap/pcap.h>

#include <memory>
#include <string>
#include <vector>

#include "sensor/base/result.h"
#include "sensor/net/packet.h"

namespace sensor {

/// Whether libpcap's compiler knows this link type's headers: it takes an expression that every packet passes, the one that Zeek installs
/// where nobody gives a filter. NFLOG, which Zeek leaves out of that, passes for filterable.
bool can_filter(LinkType link);

/// Belongs to one thread.
class BpfFilter {
 public:
  explicit BpfFilter(std::string expression);

  /// False when every packet passes.
  bool active() const { return active_; }
  /// Error{Usage} when the expression makes no sense on this link type. Compiles once per link type.
  Status prepare(LinkType link);
  /// Error{Usage} when the expression makes sense on none of the usual link types: for sources that are not open yet.
  Status check_syntax();
  /// The program for a link type that was prepared; null when there is no filter.
  const bpf_program* program(LinkType link) const;
  /// Of a packet whose link type was prepared.
  bool matches(const PacketView& packet);

 private:
  struct FreeProgram {
    void operator()(bpf_program* p) const {
      ::pcap_freecode(p);
      delete p;
    }
  };
  struct Compiled {
    LinkType link;
    std::unique_ptr<bpf_program, FreeProgram> program;
  };
  const Compiled* find(LinkType link) const;

  std::string expression_;
  bool active_;
  std::vector<Compiled> compiled_;
  const Compiled* last_ = nullptr;
};

}  // namespace sensor
