// The command line: what the user asked for.
#pragma once

#include <string>
#include <variant>

#include "sensor/app/config.h"

namespace sensor {

/// What to do: replay capture files, or capture from interfaces …
struct RunCommand {
  Config config;
};
/// … or show what a running sensor does ('sensor top') …
struct TopCommand {
  Config config;
};
/// … or print something and leave with this status (help, version, the result of check-config, a usage error).
struct ExitCommand {
  int status = 0;
  std::string text;
  bool is_error = status != 0;  // the text goes to standard error
};
using Command = std::variant<RunCommand, TopCommand, ExitCommand>;

/// Reads the arguments, the environment (SENSOR_INTERFACE, SENSOR_LOG_DIR) and the configuration file; the command line wins over the
/// environment, which wins over the file.
Command parse_command_line(int argc, const char* const* argv);

}  // namespace sensor
