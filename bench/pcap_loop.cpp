// The least a program can do with a capture file: hand every packet to a callback through libpcap and count it.
#include <pcap/pcap.h>

#include <cinttypes>
#include <cstdint>
#include <cstdio>

namespace {
struct Totals {
  uint64_t packets = 0, bytes = 0;
};
}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: pcap_loop FILE\n");
    return 2;
  }
  char error[PCAP_ERRBUF_SIZE];
  pcap_t* pcap = pcap_open_offline(argv[1], error);
  if (pcap == nullptr) {
    std::fprintf(stderr, "%s\n", error);
    return 2;
  }
  Totals totals;
  const auto count = [](u_char* user, const pcap_pkthdr* header, const u_char*) {
    auto& t = *reinterpret_cast<Totals*>(user);
    t.packets++;
    t.bytes += header->caplen;
  };
  const int status = pcap_loop(pcap, -1, count, reinterpret_cast<u_char*>(&totals));
  if (status != 0) std::fprintf(stderr, "%s\n", pcap_geterr(pcap));
  pcap_close(pcap);
  std::printf("%" PRIu64 " packets %" PRIu64 " bytes\n", totals.packets, totals.bytes);
  return status == 0 ? 0 : 1;
}
