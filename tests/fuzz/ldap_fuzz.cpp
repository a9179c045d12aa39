// Input: see feed_pieces().
#include "analyzer_pieces.h"
#include "src/session/ldap_analyzer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sensor;
  FakeContext c;
  LdapAnalyzer analyzer;
  probe_ldap({Bytes(data, size), Bytes(data, size)});
  feed_pieces({data, size}, analyzer, c);
  if (c.catcher.writer().records_too_large() != 0) __builtin_trap();
  return 0;
}
