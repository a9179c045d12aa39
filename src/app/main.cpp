#include <csignal>
#include <cstdio>

#include "sensor/app/command_line.h"
#include "sensor/app/sensor.h"

namespace {

sensor::Sensor* g_running = nullptr;

void on_signal(int) {
  g_running->stop();
}

int run(const sensor::Config& config) {
  auto created = sensor::Sensor::create(config);
  if (!created.ok()) {
    std::fprintf(stderr, "sensor: %s\n", created.error().message.c_str());
    return created.error().kind;
  }
  g_running = created.value().get();
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  return g_running->run();
}

}  // namespace

int main(int argc, char** argv) {
  const sensor::Command command = sensor::parse_command_line(argc, argv);
  if (const auto* leave = std::get_if<sensor::ExitCommand>(&command)) {
    std::fputs(leave->text.c_str(), leave->status == 0 ? stdout : stderr);
    return leave->status;
  }
  return run(std::get<sensor::RunCommand>(command).config);
}
