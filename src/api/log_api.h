// Logs, connections and notices, out of the files.
#pragma once

#include <functional>
#include <mutex>
#include <string>

#include "log_scan.h"
#include "sensor/api/http_server.h"

namespace sensor {

struct LogPlaces {
  std::string live_dir, live_archive, replay_dir;
};

/// All functions: any thread, several at a time; each reads files for a second or two at most.
class LogApi {
 public:
  /// `replays`: whether the capture that runs or ran last is a replay. `database`: holds the acknowledgements, in a table that is there.
  LogApi(LogPlaces places, std::string database, std::function<bool()> replays)
      : places_(std::move(places)), database_(std::move(database)), replays_(std::move(replays)) {}

  HttpResponse logs(const HttpRequest& request) const;
  HttpResponse log(const HttpRequest& request) const;
  HttpResponse connection(const HttpRequest& request) const;
  HttpResponse notices(const HttpRequest& request) const;
  HttpResponse acknowledge(const HttpRequest& request) const;

 private:
  struct Source {
    std::string name, directory, archive;
  };
  struct Joined;

  std::optional<Source> source(const HttpRequest& request) const;
  void join(const std::string& log, const std::vector<LogFilePlace>& files, const LogFilter& filter, Joined& out) const;

  const LogPlaces places_;
  const std::string database_;
  const std::function<bool()> replays_;
};

}  // namespace sensor
