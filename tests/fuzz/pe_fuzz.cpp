// The file's bytes, whole and cut in the middle: both must be understood the same way.
#include "dpi/pe/pe.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sensor;
  const Bytes input(data, size);
  pe::Reader whole, cut;
  whole.feed(input);
  cut.feed(input.first(size / 2));
  cut.feed(input.subspan(size / 2));
  if (whole.done() != cut.done() || whole.sections() != cut.sections()) __builtin_trap();
  if (whole.file_header()) {
    pe::machine_name(whole.file_header()->machine);
  }
  if (whole.optional_header()) {
    pe::os_name(whole.optional_header()->os_major, whole.optional_header()->os_minor);
    pe::subsystem_name(whole.optional_header()->subsystem);
  }
  return 0;
}
