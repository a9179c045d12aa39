// Runs a fuzz target over the files of its corpus where libFuzzer is not at hand.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

int main(int argc, char** argv) {
  size_t n = 0;
  for (int i = 1; i < argc; i++) {
    if (argv[i][0] == '-') continue;
    for (const auto& e : std::filesystem::recursive_directory_iterator(argv[i])) {
      if (!e.is_regular_file()) continue;
      std::ifstream f(e.path(), std::ios::binary);
      std::vector<uint8_t> bytes{std::istreambuf_iterator<char>(f), {}};
      LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
      n++;
    }
  }
  std::printf("%zu inputs\n", n);
  return n == 0 ? 1 : 0;
}
