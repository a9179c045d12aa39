// The first byte chooses the channel, the rest is a message, and then a stream.
#include <cstdlib>

#include "dpi/dns/dns.h"

using namespace sensor;

namespace {
void check(bool ok) {
  if (!ok) std::abort();
}

void read_message(dns::MessageReader& m, Bytes bytes, dns::Channel channel) {
  m.start(bytes, channel);
  size_t questions = 0, answers = 0;
  for (dns::Question q; m.next_question(q); questions++) check(q.name.size() <= dns::Name::kCapacity);
  for (dns::Answer a; m.next_answer(a); answers++) check(a.name.size() <= dns::Name::kCapacity);
  check(questions <= m.header().questions && answers <= m.header().answers);
  check(!m.complete() || questions == m.header().questions);
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const Bytes all(data, size);
  static dns::MessageReader reader;
  const uint8_t choice = all[0];
  read_message(reader, all.subspan(1), {.netbios = (choice & 1) != 0, .netbios_responder = (choice & 2) != 0, .udp = (choice & 4) != 0});
  if (dns::looks_like_message(all.subspan(1))) check(reader.has_header());
  dns::looks_like_stream(all.subspan(1));
  std::array<char, dns::kNetbiosNameBytes> name;
  dns::decode_netbios_name(as_chars(all), name);
  return 0;
}
