// nDPI 4.2 asks for every packet each of its 130 dissectors for a transport whether it is excluded, by pushing 128 bytes of bit masks to
// compare them, out of a table of 20 KB: half of what a search costs. Here are the same questions in the same order, of one bit each. The
// library calls both functions through the dynamic symbol table, where a program's own come first; where it did not, or if it registered
// its dissectors in another way, its own loop would run as ever.
#include "dpi/ndpi/dispatch.h"

#include <dlfcn.h>
#define NDPI_LIB_COMPILATION  // shows the packet that a context has at hand
#include <ndpi/ndpi_api.h>

#include <cstring>
#include <string_view>
#include <vector>

namespace sensor::ndpi {
namespace {

using Context = ndpi_detection_module_struct;
using Function = void (*)(Context*, ndpi_flow_struct*);

struct Dissector {
  Function function = nullptr;
  u_int32_t selection = 0;  // NDPI_SELECTION_BITMASK_…: what a packet must be
  u_int32_t word = 0;       // of the mask of excluded protocols,
  u_int32_t bit = 0;        // and what marks this one there
};

struct Dissectors {
  std::vector<Dissector> all;  // in the order they are asked
  std::vector<Dissector> tcp, udp;
  std::vector<Dissector> by_protocol;
  bool noting = false;
};
Dissectors g_dissectors;

bool applies(const Dissector& d, const ndpi_flow_struct& flow, u_int32_t packet) {
  return (d.selection & ~packet) == 0 && (flow.excluded_protocol_bitmask.fds_bits[d.word] & d.bit) == 0;
}

const Dissector* dissector_of(u_int16_t protocol) {
  if (protocol == NDPI_PROTOCOL_UNKNOWN || protocol >= g_dissectors.by_protocol.size()) return nullptr;
  const Dissector& d = g_dissectors.by_protocol[protocol];
  return d.function != nullptr ? &d : nullptr;
}

/// The dissectors of what a protocol carries, until one knows what it is. Returns how many were asked.
u_int32_t search_carried(Context* context, ndpi_flow_struct& flow, u_int32_t packet, Function asked) {
  u_int32_t calls = 0;
  const ndpi_proto_defaults_t* defaults = ndpi_get_proto_defaults(context);
  for (u_int32_t i = 0; i < defaults[flow.detected_protocol_stack[0]].subprotocol_count; i++) {
    const u_int16_t carried = defaults[flow.detected_protocol_stack[0]].subprotocols[i];
    if (carried == static_cast<u_int16_t>(NDPI_PROTOCOL_MATCHED_BY_CONTENT)) continue;
    const Dissector* d = dissector_of(carried);
    if (d != nullptr && d->function != asked && applies(*d, flow, packet)) {
      d->function(context, &flow);
      calls++;
    }
    if (flow.detected_protocol_stack[1] != NDPI_PROTOCOL_UNKNOWN) break;
  }
  return calls;
}

/// First the dissector of the port, then all others until one knows. Returns how many were asked.
u_int32_t search(Context* context, ndpi_flow_struct& flow, u_int32_t packet, const std::vector<Dissector>& dissectors) {
  u_int32_t calls = 0;
  Function asked = nullptr;
  const auto ask = [&](const Dissector& d) {
    calls++;
    d.function(context, &flow);
    return flow.detected_protocol_stack[0] != NDPI_PROTOCOL_UNKNOWN;
  };
  bool known = flow.detected_protocol_stack[0] != NDPI_PROTOCOL_UNKNOWN;
  if (const Dissector* d = dissector_of(flow.guessed_protocol_id); d != nullptr && applies(*d, flow, packet)) {
    known = ask(*d);
    asked = d->function;
  }
  for (auto d = dissectors.begin(); !known && d != dissectors.end(); ++d)
    if (applies(*d, flow, packet) && d->function != asked) known = ask(*d);
  return calls + search_carried(context, flow, packet, asked);
}

}  // namespace

NoteDissectors::NoteDissectors() {
  g_dissectors.noting = true;
}

NoteDissectors::~NoteDissectors() {
  Dissectors& n = g_dissectors;
  n.noting = false;
  for (const Dissector& d : n.all) {
    if (d.function == nullptr) continue;
    constexpr u_int32_t kEither = NDPI_SELECTION_BITMASK_PROTOCOL_INT_TCP_OR_UDP | NDPI_SELECTION_BITMASK_PROTOCOL_COMPLETE_TRAFFIC;
    if ((d.selection & (NDPI_SELECTION_BITMASK_PROTOCOL_INT_TCP | kEither)) != 0) n.tcp.push_back(d);
    if ((d.selection & (NDPI_SELECTION_BITMASK_PROTOCOL_INT_UDP | kEither)) != 0) n.udp.push_back(d);
  }
}

}  // namespace sensor::ndpi

extern "C" __attribute__((visibility("default"))) void ndpi_set_bitmask_protocol_detection(
    char* label, ndpi_detection_module_struct* context, const NDPI_PROTOCOL_BITMASK* enabled, const u_int32_t place, u_int16_t protocol,
    void (*function)(ndpi_detection_module_struct*, ndpi_flow_struct*), const NDPI_SELECTION_BITMASK_PROTOCOL_SIZE selection,
    u_int8_t for_unknown, u_int8_t for_itself) {
  static const auto original = reinterpret_cast<decltype(&ndpi_set_bitmask_protocol_detection)>(dlsym(RTLD_NEXT, __func__));
  original(label, context, enabled, place, protocol, function, selection, for_unknown, for_itself);
  auto& n = sensor::ndpi::g_dissectors;
  if (!n.noting || NDPI_COMPARE_PROTOCOL_TO_BITMASK(*enabled, protocol) == 0) return;
  if (place >= n.all.size()) n.all.resize(size_t{place} + 1);
  if (protocol >= n.by_protocol.size()) n.by_protocol.resize(size_t{protocol} + 1);
  const u_int32_t masked = protocol & NDPI_NUM_BITS_MASK;
  n.all[place] = n.by_protocol[protocol] = {function, selection, static_cast<u_int32_t>(masked / NDPI_BITS), 1U << (masked % NDPI_BITS)};
}

extern "C" __attribute__((visibility("default"))) u_int32_t ndpi_check_flow_func(ndpi_detection_module_struct* context,
                                                                                 ndpi_flow_struct* flow,
                                                                                 NDPI_SELECTION_BITMASK_PROTOCOL_SIZE* packet) {
  static const auto original = reinterpret_cast<decltype(&ndpi_check_flow_func)>(dlsym(RTLD_NEXT, __func__));
  const auto& n = sensor::ndpi::g_dissectors;
  const bool udp = (*packet & NDPI_SELECTION_BITMASK_PROTOCOL_INT_UDP) != 0;
  const bool tcp = (*packet & NDPI_SELECTION_BITMASK_PROTOCOL_INT_TCP) != 0 && (*packet & NDPI_SELECTION_BITMASK_PROTOCOL_HAS_PAYLOAD) != 0;
  if (flow == nullptr || n.all.empty() || (!udp && !tcp)) return original(context, flow, packet);
  return sensor::ndpi::search(context, *flow, *packet, udp ? n.udp : n.tcp);
}

// The library's looks for ends of lines byte by byte, for Steam's dissector alone in the first ten packets of each stream that nobody
// knows. Where there is none, this is all that it leaves behind.
extern "C" __attribute__((visibility("default"))) void ndpi_parse_packet_line_info(ndpi_detection_module_struct* context,
                                                                                   ndpi_flow_struct* flow) {
  static const auto original = reinterpret_cast<decltype(&ndpi_parse_packet_line_info)>(dlsym(RTLD_NEXT, __func__));
  constexpr size_t kShortest = 3;  // that it looks at
  ndpi_packet_struct& p = context->packet;
  const std::string_view payload(reinterpret_cast<const char*>(p.payload), p.payload_packet_len);
  if (p.packet_lines_parsed_complete != 0 || payload.size() < kShortest || payload.find("\r\n") != payload.npos) {
    original(context, flow);
    return;
  }
  p.packet_lines_parsed_complete = 1;
  p.line[0] = {p.payload, 0};
}

// The library's goes byte by byte, for the BitTorrent dissector alone some times over every packet.
extern "C" __attribute__((visibility("default"))) char* ndpi_strnstr(const char* text, const char* wanted, size_t size) {
  if (text == nullptr) return nullptr;  // a packet without payload
  const auto at = std::string_view(text, strnlen(text, size)).find(wanted);
  return at != std::string_view::npos ? const_cast<char*>(text + at) : nullptr;
}
