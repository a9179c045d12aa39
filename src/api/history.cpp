#include "history.h"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <optional>

#include "sensor/api/json_text.h"

namespace sensor {
namespace {

/// `seconds` is what a row covers: rates are sums divided by it.
constexpr const char* kTables = R"(
  CREATE TABLE IF NOT EXISTS totals (step INTEGER, time INTEGER, seconds REAL, packets REAL, bits REAL, connections REAL, drops REAL,
    records REAL, connections_open REAL, memory_bytes REAL, cpu_percent REAL, PRIMARY KEY (step, time)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS details (step INTEGER, time INTEGER, kind TEXT, name TEXT, n REAL, PRIMARY KEY (step, time, kind, name))
    WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS acknowledgements (id TEXT PRIMARY KEY, at REAL, note TEXT) WITHOUT ROWID;
)";
/// States (connections open, memory, CPU) are kept as sums over the seconds covered, so that every column is averaged alike.
constexpr const char* kAddTotals = R"(
  INSERT INTO totals VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT DO UPDATE SET seconds = seconds + ?3,
    packets = packets + ?4, bits = bits + ?5, connections = connections + ?6, drops = drops + ?7, records = records + ?8,
    connections_open = connections_open + ?9, memory_bytes = memory_bytes + ?10, cpu_percent = cpu_percent + ?11
)";
constexpr const char* kAddDetail = "INSERT INTO details VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET n = n + ?5";
constexpr const char* kPruneTotals = "DELETE FROM totals WHERE step = ?1 AND time < ?2";
constexpr const char* kPruneDetails = "DELETE FROM details WHERE step = ?1 AND time < ?2";
constexpr const char* kSelectTotals = R"(
  SELECT time / ?1 * ?1, SUM(seconds), SUM(packets), SUM(bits), SUM(connections), SUM(drops), SUM(records), SUM(connections_open),
    SUM(memory_bytes), SUM(cpu_percent) FROM totals WHERE step = ?2 AND time >= ?3 AND time < ?4 GROUP BY 1
)";
constexpr const char* kSelectDetails =
    "SELECT kind, name, time / ?1 * ?1, SUM(n) FROM details WHERE step = ?2 AND time >= ?3 AND time < ?4 GROUP BY 1, 2, 3";
constexpr std::string_view kColumns[] = {"packets",          "bits",         "connections", "drops", "records",
                                         "connections_open", "memory_bytes", "cpu_percent"};

using Series = std::vector<std::optional<double>>;

double real(uint64_t n) {
  return static_cast<double>(n);
}

void add_series(std::string_view name, const Series& series, JsonWriter& w) {
  w.key(name).begin('[');
  for (const auto& v : series) v ? w.value(*v) : w.null();
  w.end(']');
}

/// The series of names; beyond the largest few, their sum.
void add_named(std::string_view kind, std::map<std::string, Series>& names, JsonWriter& w) {
  const auto total = [](const Series& s) {
    double sum = 0;
    for (const auto& v : s) sum += v.value_or(0);
    return sum;
  };
  std::vector<std::pair<double, std::string>> order;
  for (const auto& [name, series] : names) order.emplace_back(-total(series), name);
  std::ranges::sort(order);
  w.key(kind).begin('{');
  for (size_t i = 0; i < std::min(order.size(), History::kMaxNames); i++) add_series(order[i].second, names[order[i].second], w);
  if (order.size() > History::kMaxNames) {
    Series rest = names[order[History::kMaxNames].second];
    for (size_t i = History::kMaxNames + 1; i < order.size(); i++)
      for (size_t t = 0; t < rest.size(); t++)
        if (rest[t]) *rest[t] += names[order[i].second][t].value_or(0);
    add_series("other", rest, w);
  }
  w.end('}');
}

}  // namespace

Result<std::unique_ptr<History>> History::open(const std::string& path) {
  const auto try_once = [&]() -> Result<Database> {
    auto d = Database::open(path);
    if (!d.ok()) return d.error();
    if (const Status s = d.value().run(kTables); !s.ok())
      return Error{Error::RunTime, fmt::format("cannot use the database {}: {}", path, s.error().message)};
    return d;
  };
  auto database = try_once();
  std::error_code error;
  if (!database.ok() && std::filesystem::file_size(path, error) > 0 && !error) {
    std::fprintf(stderr, "sensor: %s; it is put aside as %s.damaged\n", database.error().message.c_str(), path.c_str());
    std::filesystem::rename(path, path + ".damaged", error);
    for (const char* suffix : {"-wal", "-shm"}) std::filesystem::remove(path + suffix, error);
    database = try_once();
  }
  if (!database.ok()) return Error{Error::Usage, database.error().message + "; set api.database"};
  return std::unique_ptr<History>(new History(path, std::move(database).value()));
}

History::History(std::string path, Database database)
    : path_(std::move(path)),
      database_(std::move(database)),
      totals_(database_, kAddTotals),
      details_(database_, kAddDetail),
      prune_totals_(database_, kPruneTotals),
      prune_details_(database_, kPruneDetails),
      thread_([this] { run(); }) {
  ::pthread_setname_np(thread_.native_handle(), "history");
}

History::~History() {
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void History::add(HistorySample sample) {
  {
    std::lock_guard lock(mutex_);
    if (waiting_.size() < kMaxWaiting) waiting_.push_back(std::move(sample));
  }
  wake_.notify_one();
}

void History::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    std::deque<HistorySample> samples;
    samples.swap(waiting_);
    lock.unlock();
    (void)database_.run("BEGIN");
    for (const HistorySample& s : samples) write(s);
    (void)database_.run("COMMIT");
    lock.lock();
  }
}

void History::write(const HistorySample& s) {
  write_at(1, s);
  write_at(kCoarseStep, s);
  if (s.time % kCoarseStep == 0) prune(s.time);
}

void History::write_at(int64_t step, const HistorySample& s) {
  const int64_t time = s.time / step * step;
  (void)totals_.execute({step, time, s.seconds, real(s.packets), real(s.bits), real(s.connections), real(s.drops), real(s.records),
                         real(s.connections_open) * s.seconds, real(s.memory_bytes) * s.seconds, s.cpu_percent * s.seconds});
  for (const auto& [name, n] : s.drop_reasons) (void)details_.execute({step, time, "drop", std::string_view(name), real(n)});
  for (const auto& [name, n] : s.protocols) (void)details_.execute({step, time, "protocol", std::string_view(name), real(n)});
}

void History::prune(int64_t now) {
  for (const auto& [step, kept] : {std::pair(int64_t{1}, kFineSeconds), std::pair(kCoarseStep, kCoarseSeconds)}) {
    (void)prune_totals_.execute({step, now - kept});
    (void)prune_details_.execute({step, now - kept});
  }
}

HistoryRange History::allowed(HistoryRange r, int64_t now) {
  r.to = std::clamp(r.to, now - kCoarseSeconds, now + 1);
  r.from = std::clamp(r.from, now - kCoarseSeconds, r.to);
  int64_t step = std::max<int64_t>(1, r.step);
  // A minute more than an hour: the page asks for the last hour a moment after it.
  if (r.from < now - kFineSeconds - kCoarseStep) step = std::max(step, kCoarseStep);
  step = std::max(step, (r.to - r.from + kMaxPoints - 1) / kMaxPoints);
  if (step > kCoarseStep || (step > 1 && r.from < now - kFineSeconds)) step = (step + kCoarseStep - 1) / kCoarseStep * kCoarseStep;
  r.step = std::max<int64_t>(1, step);
  r.from = r.from / r.step * r.step;
  return r;
}

Result<std::string> History::json(const HistoryRange& range) const {
  auto opened = Database::open(path_);
  if (!opened.ok()) return opened.error();
  Database& database = opened.value();
  const size_t points = static_cast<size_t>(std::max<int64_t>(0, (range.to - range.from + range.step - 1) / range.step));
  const int64_t stored = range.step % kCoarseStep == 0 ? kCoarseStep : 1;
  std::vector<double> seconds(points);
  std::vector<Series> columns(std::size(kColumns), Series(points));
  const auto place = [&](int64_t time) { return static_cast<size_t>((time - range.from) / range.step); };
  Database::Statement totals(database, kSelectTotals);
  totals.query({range.step, stored, range.from, range.to});
  while (totals.next()) {
    const size_t at = place(totals.integer(0));
    if (at >= points) continue;
    seconds[at] = std::max(1e-3, totals.real(1));
    for (size_t c = 0; c < columns.size(); c++) columns[c][at] = totals.real(static_cast<int>(c) + 2) / seconds[at];
  }
  std::map<std::string, std::map<std::string, Series>> named;
  Database::Statement details(database, kSelectDetails);
  details.query({range.step, stored, range.from, range.to});
  while (details.next()) {
    const size_t at = place(details.integer(2));
    if (at >= points || seconds[at] == 0) continue;
    Series& series = named[details.text(0)].try_emplace(details.text(1), points).first->second;
    series[at] = details.real(3) / seconds[at];
  }
  for (auto& [kind, names] : named)  // where the sensor ran and none came: 0
    for (auto& [name, series] : names)
      for (size_t t = 0; t < points; t++)
        if (seconds[t] > 0 && !series[t]) series[t] = 0;
  JsonWriter w;
  w.begin('{').key("from").value(range.from).key("to").value(range.to).member("step", range.step).key("time").begin('[');
  for (size_t t = 0; t < points; t++) w.value(range.from + static_cast<int64_t>(t) * range.step);
  w.end(']');
  for (size_t c = 0; c < columns.size(); c++) add_series(kColumns[c], columns[c], w);
  add_named("drop_reasons", named["drop"], w);
  add_named("protocols", named["protocol"], w);
  return w.end('}').take();
}

}  // namespace sensor
