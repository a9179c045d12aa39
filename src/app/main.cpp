#include <csignal>
#include <cstdio>

#include "sensor/app/command_line.h"
#include "sensor/app/privileges.h"
#include "sensor/app/sensor.h"
#include "sensor/app/top_screen.h"

namespace {

sensor::Sensor* g_running = nullptr;

/// A second signal ends the program at once: the first one is waiting for a disk.
void on_stop(int signal) {
  g_running->stop();
  std::signal(signal, SIG_DFL);
}

void on_reload(int) {
  g_running->reload();
}

sensor::Result<sensor::Config> configuration(int argc, char** argv) {
  const sensor::Command command = sensor::parse_command_line(argc, argv);
  if (const auto* leave = std::get_if<sensor::ExitCommand>(&command)) return sensor::Error{sensor::Error::Usage, leave->text};
  if (const auto* run = std::get_if<sensor::RunCommand>(&command)) return run->config;
  return sensor::Error{sensor::Error::Usage, "the command line is another one"};
}

int run(const sensor::Config& config, int argc, char** argv) {
  auto created = sensor::Sensor::create(config, [argc, argv] { return configuration(argc, argv); });
  if (!created.ok()) {
    std::fprintf(stderr, "sensor: %s\n", created.error().message.c_str());
    return created.error().kind;
  }
  g_running = created.value().get();
  std::signal(SIGINT, on_stop);
  std::signal(SIGTERM, on_stop);
  std::signal(SIGHUP, on_reload);
  return g_running->run();
}

}  // namespace

int main(int argc, char** argv) {
  sensor::raise_capabilities();
  const sensor::Command command = sensor::parse_command_line(argc, argv);
  if (const auto* leave = std::get_if<sensor::ExitCommand>(&command)) {
    std::fputs(leave->text.c_str(), leave->is_error ? stderr : stdout);
    return leave->status;
  }
  if (const auto* top = std::get_if<sensor::TopCommand>(&command)) return sensor::show_top(top->config);
  return run(std::get<sensor::RunCommand>(command).config, argc, argv);
}
