// sensor-gen: writes a capture of any size from a seed.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "generator.h"
#include "options.h"

namespace sensor::gen {
namespace {

constexpr size_t kFileBuffer = 1 << 20;

/// A little-endian pcap file with microseconds, as tcpdump writes it.
class PcapWriter {
 public:
  explicit PcapWriter(std::FILE* file) : file_(file) {
    std::setvbuf(file_, nullptr, _IOFBF, kFileBuffer);
    constexpr uint32_t kMagic = 0xa1b2c3d4, kVersion = 2 | 4 << 16, kSnaplen = 262144, kEthernet = 1;
    words({kMagic, kVersion, 0, 0, kSnaplen, kEthernet});
  }
  void write(const Generator::Packet& p) {
    const auto length = static_cast<uint32_t>(p.frame.size());
    words({static_cast<uint32_t>(p.ts_ns / kSecond), static_cast<uint32_t>(p.ts_ns % kSecond / kMicrosecond), length, length});
    put(p.frame.data(), p.frame.size());
    packets_++;
    bytes_ += length;
  }
  /// False when anything could not be written.
  bool close() { return std::fflush(file_) == 0 && std::ferror(file_) == 0; }
  bool ok() const { return std::ferror(file_) == 0; }
  uint64_t packets() const { return packets_; }
  uint64_t bytes() const { return bytes_; }

 private:
  void words(std::initializer_list<uint32_t> values) {
    std::array<char, 24> bytes{};
    size_t n = 0;
    for (uint32_t v : values)
      for (int i = 0; i < 4; i++) bytes[n++] = static_cast<char>(v >> 8 * i);
    put(bytes.data(), n);
  }
  void put(const char* data, size_t n) { (void)::fwrite_unlocked(data, 1, n, file_); }

  std::FILE* file_;
  uint64_t packets_ = 0, bytes_ = 0;
};

int fail(const Error& e) {
  fmt::print(stderr, "sensor-gen: {}\n", e.message);
  return e.kind;
}

int generate(const Options& options, const std::string& path, bool quiet) {
  std::FILE* file = path == "-" ? stdout : std::fopen(path.c_str(), "wb");
  if (file == nullptr) return fail({Error::Usage, fmt::format("cannot write {}: {}; check the path", path, std::strerror(errno))});
  Generator generator(options);
  PcapWriter writer(file);
  Generator::Packet packet;
  while (writer.ok() && generator.next(packet)) writer.write(packet);
  if (!writer.close()) return fail({Error::RunTime, fmt::format("writing {} failed: {}", path, std::strerror(errno))});
  if (file != stdout) std::fclose(file);
  if (!quiet)
    fmt::print(stderr, "{} connections, {} packets ({:.1f} a connection), {} bytes\n", generator.connections_begun(), writer.packets(),
               static_cast<double>(writer.packets()) / static_cast<double>(generator.connections_begun()), writer.bytes());
  return 0;
}

/// What stands on the command line wins over the profile, so the profile is taken first.
struct CommandLine {
  std::string profile = "mixed", out, mix;
  Options given;
  bool quiet = false;
};

Result<Options> merge(const CLI::App& app, const CommandLine& c) {
  auto options = profile(c.profile);
  if (!options) return options.error();
  Options o = options.value();
  const auto set = [&](const char* name) { return app.count(name) > 0; };
  if (set("--seed")) o.seed = c.given.seed;
  if (set("--connections")) o.connections = c.given.connections;
  if (set("--packets-per-connection")) o.packets_per_connection = c.given.packets_per_connection;
  if (set("--bulk-bytes")) {
    o.bulk_bytes = c.given.bulk_bytes;
    if (!set("--packets-per-connection")) o.packets_per_connection = 0;
  }
  if (set("--window")) o.window_s = c.given.window_s;
  if (set("--long-lived")) o.long_lived = c.given.long_lived;
  if (set("--ipv6")) o.ipv6_share = c.given.ipv6_share;
  if (set("--loss")) o.loss_share = c.given.loss_share;
  if (!set("--mix")) return o;
  auto mix = parse_mix(c.mix);
  if (!mix) return mix.error();
  o.mix = mix.value();
  return o;
}

int run(int argc, char** argv) {
  CommandLine c;
  CLI::App app{"Writes a capture of any size from a seed: the same options give the same bytes."};
  app.add_option("--out", c.out, "file to write, - for standard output")->required();
  app.add_option("--profile", c.profile, "what the other options start from: mixed, idle, flows or syn")->capture_default_str();
  app.add_option("--seed", c.given.seed, "everything follows from this number");
  app.add_option("--connections", c.given.connections, "how many connections")->check(CLI::Range(uint64_t{1}, uint64_t{1} << 32));
  app.add_option("--mix", c.mix, "weights of dns, http, tls, bulk, syn, scan and idle, as in dns:40,http:25,tls:25");
  app.add_option("--packets-per-connection", c.given.packets_per_connection,
                 "packets of an http, tls or bulk connection on average; 0: as its messages make it")
      ->check(CLI::Range(0, 100'000'000));
  app.add_option("--bulk-bytes", c.given.bulk_bytes, "bytes of a bulk connection on average, where packets are not given")
      ->check(CLI::Range(uint64_t{1}, uint64_t{1} << 40));
  app.add_option("--window", c.given.window_s, "seconds over which connections begin")->check(CLI::Range(0.001, 86'400.0));
  app.add_flag("--long-lived", c.given.long_lived, "connections begin early, spread their packets over the window and stay open");
  app.add_option("--ipv6", c.given.ipv6_share, "share of connections over IPv6, 0 to 1")->check(CLI::Range(0.0, 1.0));
  app.add_option("--loss", c.given.loss_share, "share of TCP segments lost: half missing, half seen twice, 0 to 1")
      ->check(CLI::Range(0.0, 1.0));
  app.add_flag("--quiet", c.quiet, "no closing line");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : static_cast<int>(Error::Usage);
  }
  const auto options = merge(app, c);
  if (!options) return fail(options.error());
  return generate(options.value(), c.out, c.quiet);
}

}  // namespace
}  // namespace sensor::gen

int main(int argc, char** argv) {
  return sensor::gen::run(argc, argv);
}
