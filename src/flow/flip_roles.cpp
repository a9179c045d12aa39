#include "flip_roles.h"

#include <utility>

#include "history.h"

namespace sensor {

void flip_roles(Flow& f, FlowExtras& extras, FlowEvents& events) {
  // Datagrams' bytes stay where they were counted: Zeek's orig_bytes and conn_state do not follow such a swap.
  if (f.transport == Transport::Tcp) {
    std::swap(f.tcp[0], f.tcp[1]);
    std::swap(f.tcp_stream[0], f.tcp_stream[1]);
  }
  std::swap(f.dir[0], f.dir[1]);
  f.orig_is_second = !f.orig_is_second;
  const bool want_orig = f.want_orig;
  f.want_orig = f.want_resp;
  f.want_resp = want_orig;
  f.tcp_partial = false;
  if (FlowExtra* x = extras.find(f)) {
    std::swap(x->held[0], x->held[1]);
    std::swap(x->held_bytes[0], x->held_bytes[1]);
    std::swap(x->checksum_errors[0], x->checksum_errors[1]);
    std::swap(x->gaps[0], x->gaps[1]);
    std::swap(x->fins[0], x->fins[1]);
    std::swap(x->rsts[0], x->rsts[1]);
  }
  add_history(f, extras, '^');
  events.flow_flip(f);
}

}  // namespace sensor
