#include "log_api.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "database.h"
#include "json_body.h"
#include "sensor/api/json_text.h"

namespace sensor {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPageTime{700}, kJoinTime{1500};
constexpr uint64_t kMaxLimit = 1000, kDefaultLimit = 100;
constexpr size_t kMaxText = 256, kMaxUid = 32, kJoinedRows = 200, kMaxCertificates = 10, kMaxNote = 500, kMaxAcknowledged = 100'000;
/// They name no connection.
constexpr std::string_view kWithoutConnections[] = {"stats", "top_ips", "protocols", "capture_loss"};

HttpResponse json(std::string body) {
  HttpResponse r;
  r.body = std::move(body);
  return r;
}

HttpResponse bad_request(std::string_view message) {
  return http_error(400, "bad_request", message);
}

std::string parameter(const HttpRequest& r, const char* name) {
  const auto it = r.query.find(name);
  return it == r.query.end() ? "" : it->second;
}

template <class Number>
bool read_number(const std::string& text, Number& out) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, out);
  return error == std::errc{} && stop == end;
}

bool is_uid(std::string_view text) {
  return !text.empty() && text.size() <= kMaxUid &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
}

/// As the logs write it; empty: it is none.
std::string address_text(const std::string& text) {
  char out[INET6_ADDRSTRLEN];
  in6_addr address;
  for (const int family : {AF_INET, AF_INET6})
    if (::inet_pton(family, text.c_str(), &address) == 1) return ::inet_ntop(family, &address, out, sizeof(out));
  return {};
}

/// A sentence that says what is wrong; empty: nothing.
std::string read_filter(const HttpRequest& r, LogFilter& f) {
  double time = 0;
  for (const auto& [name, target] : {std::pair("from", &f.from), std::pair("to", &f.to)}) {
    if (!r.query.contains(name)) continue;
    if (!read_number(parameter(r, name), time)) return fmt::format("{} is a number of seconds since 1970", name);
    *target = time;
  }
  if (const std::string address = parameter(r, "address"); !address.empty()) {
    f.address = address_text(address);
    if (f.address.empty()) return "address is an IP address";
  }
  if (const std::string port = parameter(r, "port"); !port.empty()) {
    uint16_t n = 0;
    if (!read_number(port, n)) return "port is a number from 0 to 65535";
    f.port = n;
  }
  f.value = parameter(r, "uid");
  if (!f.value.empty() && !is_uid(f.value)) return "a uid has letters and digits, 32 at most";
  f.text = parameter(r, "text");
  if (f.text.size() > kMaxText) return "text has at most 256 characters";
  std::ranges::transform(f.text, f.text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return {};
}

std::string read_page(const HttpRequest& r, ScanOrder& order) {
  uint64_t limit = kDefaultLimit;
  if (r.query.contains("limit") && (!read_number(parameter(r, "limit"), limit) || limit < 1 || limit > kMaxLimit))
    return "limit is a number from 1 to 1000";
  order.limit = limit;
  order.cursor = parameter(r, "cursor");
  order.deadline = Clock::now() + kPageTime;
  return {};
}

void add_rows(const std::vector<FoundRow>& rows, JsonWriter& w) {
  w.begin('[');
  for (const FoundRow& row : rows)
    if (const std::string text = row_json(*row.head, row.line); !text.empty()) w.raw(text);
  w.end(']');
}

void add_page_end(const ScanResult& found, JsonWriter& w) {
  w.key("next_cursor");
  found.next_cursor.empty() ? w.null() : w.value(found.next_cursor);
  w.member("complete", found.complete);
}

HttpResponse stale_cursor() {
  return bad_request("the cursor does not fit: its file was deleted or another log is asked for; begin without one");
}

std::string notice_id(std::string_view line) {
  return fmt::format("{:016x}", fnv1a(line));
}

struct Acknowledgement {
  double at = 0;
  std::string note;
};

void add_acknowledgement(const Acknowledgement& a, JsonWriter& w) {
  w.begin('{').key("at").time(a.at).member("note", a.note).end('}');
}

std::map<std::string, Acknowledgement> acknowledgements(Database& database) {
  std::map<std::string, Acknowledgement> all;
  Database::Statement select(database, "SELECT id, at, note FROM acknowledgements");
  select.query({});
  while (select.next()) all[select.text(0)] = {select.real(1), select.text(2)};
  return all;
}

/// The value of a column; empty: it is not set.
std::vector<std::string> values_of(const FoundRow& row, std::string_view column) {
  std::vector<std::string> values;
  LogRowReader().for_each(*row.head, row.line, [&](const LogCell& cell) {
    if (cell.name == column) values = cell.values;
    return cell.name != column;
  });
  return values;
}

}  // namespace

std::optional<LogApi::Source> LogApi::source(const HttpRequest& r) const {
  const std::string wished = parameter(r, "source");
  if (!wished.empty() && wished != "live" && wished != "replay") return std::nullopt;
  const bool replay = wished.empty() ? replays_() : wished == "replay";
  return replay ? Source{"replay", places_.replay_dir, ""} : Source{"live", places_.live_dir, places_.live_archive};
}

HttpResponse LogApi::logs(const HttpRequest& request) const {
  const auto from = source(request);
  if (!from) return bad_request("source is live or replay");
  JsonWriter w;
  w.begin('{').member("source", from->name).key("logs").begin('[');
  const auto files = log_files(from->directory, from->archive, "");
  for (auto it = files.begin(); it != files.end();) {
    const auto next = std::find_if(it, files.end(), [&](const LogFilePlace& f) { return f.log != it->log; });
    uint64_t bytes = 0;
    for (auto f = it; f != next; ++f) bytes += f->bytes;
    w.begin('{').member("name", it->log).member("bytes", bytes).member("files", next - it).key("modified").time(it->modified).end('}');
    it = next;
  }
  return json(w.end(']').end('}').take());
}

HttpResponse LogApi::log(const HttpRequest& request) const {
  const std::string& name = request.variables.at("log");
  const auto from = source(request);
  LogFilter filter;
  ScanOrder order;
  std::string wrong = !from ? "source is live or replay" : read_filter(request, filter);
  if (wrong.empty()) wrong = read_page(request, order);
  if (!wrong.empty()) return bad_request(wrong);
  if (!is_log_name(name)) return http_error(404, "not_found", "there is no such log");
  order.files = log_files(from->directory, from->archive, name);
  if (order.files.empty() && !is_known_log(name)) return http_error(404, "not_found", fmt::format("there is no log named {}", name));
  // Live rows are written after their time; a replay's time is another one.
  order.from = from->name == "live" ? filter.from.value_or(0) : 0;
  LogMatcher matcher(filter);
  order.wanted = [&](const LogHead& head, std::string_view line) { return matcher.matches(head, line); };
  order.lines_wanted = [&](std::string_view lines) { return matcher.may_match(lines); };
  const ScanResult found = scan_log(order);
  if (found.bad_cursor) return stale_cursor();
  JsonWriter w;
  w.begin('{').member("log", name).member("source", from->name).key("fields");
  add_fields(name, found.rows.empty() ? nullptr : found.rows.front().head.get(), w);
  w.key("rows");
  add_rows(found.rows, w);
  add_page_end(found, w);
  return json(w.member("scanned_bytes", found.scanned_bytes).end('}').take());
}

/// What is put together of one connection.
struct LogApi::Joined {
  Clock::time_point deadline;
  double from = 0;  // nothing of it was written before
  bool complete = true;
  std::vector<std::string> certificates;  // fingerprints
  std::map<std::string, std::vector<FoundRow>> rows;
};

void LogApi::join(const std::string& log, const std::vector<LogFilePlace>& files, const LogFilter& filter, Joined& out) const {
  ScanOrder order;
  std::ranges::copy_if(files, std::back_inserter(order.files), [&](const LogFilePlace& f) { return f.log == log; });
  order.limit = kJoinedRows;
  order.from = out.from;
  order.deadline = out.deadline;
  LogMatcher matcher(filter);
  order.wanted = [&](const LogHead& head, std::string_view line) { return matcher.matches(head, line); };
  order.lines_wanted = [&](std::string_view lines) { return matcher.may_match(lines); };
  ScanResult found = scan_log(order);
  out.complete = out.complete && found.next_cursor.empty();
  std::ranges::reverse(found.rows);
  for (FoundRow& row : found.rows) {
    for (std::string& fingerprint : values_of(row, "cert_chain_fps"))
      if (out.certificates.size() < kMaxCertificates) out.certificates.push_back(std::move(fingerprint));
    out.rows[log].push_back(std::move(row));
  }
}

HttpResponse LogApi::connection(const HttpRequest& request) const {
  const std::string& uid = request.variables.at("uid");
  const auto from = source(request);
  if (!from || !is_uid(uid)) return bad_request(from ? "a uid has letters and digits, 32 at most" : "source is live or replay");
  const auto files = log_files(from->directory, from->archive, "");
  std::vector<std::string> names;
  for (const LogFilePlace& f : files)
    if (f.log != "conn" && std::ranges::find(kWithoutConnections, f.log) == std::end(kWithoutConnections) &&
        (names.empty() || names.back() != f.log))
      names.push_back(f.log);
  Joined joined;
  joined.deadline = Clock::now() + kJoinTime;
  LogFilter filter;
  filter.value = uid;
  join("conn", files, filter, joined);
  if (const auto conn = joined.rows.find("conn"); conn != joined.rows.end())
    if (const auto ts = values_of(conn->second.front(), "ts"); !ts.empty() && from->name == "live") (void)read_number(ts[0], joined.from);
  for (const std::string& log : names) join(log, files, filter, joined);
  joined.from = 0;
  if (std::ranges::find(names, "x509") != names.end()) {
    for (const std::string& fingerprint : std::vector(joined.certificates)) {
      filter.value = fingerprint;
      join("x509", files, filter, joined);
    }
  }
  if (joined.rows.empty() && joined.complete)
    return http_error(404, "not_found", fmt::format("no log names the connection {}; connections are logged when they end", uid));
  JsonWriter w;
  w.begin('{').member("uid", uid).member("source", from->name).key("logs").begin('[');
  const auto add = [&](const std::string& log, const std::vector<FoundRow>& rows) {
    w.begin('{').member("log", log).key("fields");
    add_fields(log, rows.front().head.get(), w);
    w.key("rows");
    add_rows(rows, w);
    w.end('}');
  };
  if (const auto conn = joined.rows.extract("conn"); !conn.empty()) add("conn", conn.mapped());
  for (const auto& [log, rows] : joined.rows) add(log, rows);
  return json(w.end(']').member("complete", joined.complete).end('}').take());
}

HttpResponse LogApi::notices(const HttpRequest& request) const {
  const auto from = source(request);
  ScanOrder order;
  const std::string wrong = !from ? "source is live or replay" : read_page(request, order);
  if (!wrong.empty()) return bad_request(wrong);
  const std::string acknowledged = parameter(request, "acknowledged"), severity = parameter(request, "severity");
  if (!acknowledged.empty() && acknowledged != "true" && acknowledged != "false") return bad_request("acknowledged is true or false");
  auto database = Database::open(database_);
  if (!database.ok()) return http_error(503, "failed", database.error().message);
  const auto known = acknowledgements(database.value());
  LogRowReader reader;
  order.files = log_files(from->directory, from->archive, "notice");
  order.wanted = [&](const LogHead& head, std::string_view line) {
    if (!acknowledged.empty() && known.contains(notice_id(line)) != (acknowledged == "true")) return false;
    if (severity.empty()) return true;
    bool fits = false;
    reader.for_each(head, line, [&](const LogCell& cell) {
      fits = cell.name == "severity" && !cell.values.empty() && cell.values[0] == severity;
      return cell.name != "severity";
    });
    return fits;
  };
  const ScanResult found = scan_log(order);
  if (found.bad_cursor) return stale_cursor();
  size_t unacknowledged = 0;
  JsonWriter w;
  w.begin('{').member("source", from->name).key("notices").begin('[');
  for (const FoundRow& row : found.rows) {
    const std::string id = notice_id(row.line), text = row_json(*row.head, row.line);
    if (text.empty()) continue;
    const auto it = known.find(id);
    unacknowledged += it == known.end();
    w.begin('{').member("id", id).key("acknowledgement");
    it == known.end() ? (void)w.null() : add_acknowledgement(it->second, w);
    w.key("row").raw(text).end('}');
  }
  w.end(']');
  add_page_end(found, w);
  return json(w.member("unacknowledged", unacknowledged).end('}').take());
}

HttpResponse LogApi::acknowledge(const HttpRequest& request) const {
  const std::string& id = request.variables.at("id");
  constexpr size_t kIdDigits = 16;
  const JsonBody body(request.body);
  const auto note = body.has("note") ? body.text("note") : std::optional(std::string());
  if (id.size() != kIdDigits || id.find_first_not_of("0123456789abcdef") != std::string::npos)
    return bad_request("a notice's id has 16 hexadecimal digits");
  if (!body.is_object() || !note || note->size() > kMaxNote)
    return bad_request("the body is an object; a note is a text of at most 500 bytes");
  auto database = Database::open(database_);
  if (!database.ok()) return http_error(503, "failed", database.error().message);
  const double now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  Database::Statement insert(database.value(), "INSERT INTO acknowledgements VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING");
  Database::Statement trim(
      database.value(), "DELETE FROM acknowledgements WHERE id IN (SELECT id FROM acknowledgements ORDER BY at DESC LIMIT -1 OFFSET ?1)");
  if (!insert.execute({std::string_view(id), now, std::string_view(*note)}) || !trim.execute({static_cast<int64_t>(kMaxAcknowledged)}))
    return http_error(503, "failed", fmt::format("cannot write to the database {}", database_));
  Database::Statement select(database.value(), "SELECT at, note FROM acknowledgements WHERE id = ?1");
  select.query({std::string_view(id)});
  if (!select.next()) return http_error(503, "failed", fmt::format("cannot read the database {}", database_));
  JsonWriter w;
  add_acknowledgement({select.real(0), select.text(1)}, w);
  return json(w.take());
}

}  // namespace sensor
