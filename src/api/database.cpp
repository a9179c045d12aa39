#include "database.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

namespace sensor {
namespace {

constexpr int kBusyMs = 2000;

}  // namespace

Result<Database> Database::open(const std::string& path) {
  sqlite3* handle = nullptr;
  if (const int created = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR); created >= 0) ::close(created);
  const int opened = ::sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  Database d(handle);
  Status good = opened == SQLITE_OK ? d.run("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -1024;")
                                    : Status(Error{Error::RunTime, handle == nullptr ? "no memory" : ::sqlite3_errmsg(handle)});
  if (!good.ok()) return Error{Error::RunTime, fmt::format("cannot use the database {}: {}", path, good.error().message)};
  ::sqlite3_busy_timeout(handle, kBusyMs);
  return d;
}

Database::Database(Database&& o) noexcept : handle_(std::exchange(o.handle_, nullptr)) {}
Database& Database::operator=(Database&& o) noexcept {
  std::swap(handle_, o.handle_);
  return *this;
}
Database::~Database() {
  ::sqlite3_close(handle_);
}

Status Database::run(const char* sql) {
  if (::sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) == SQLITE_OK) return Ok{};
  return Error{Error::RunTime, ::sqlite3_errmsg(handle_)};
}

Database::Statement::Statement(Database& database, const char* sql) {
  if (::sqlite3_prepare_v2(database.handle_, sql, -1, &statement_, nullptr) != SQLITE_OK) statement_ = nullptr;
}
Database::Statement::~Statement() {
  ::sqlite3_finalize(statement_);
}

void Database::Statement::bind(std::initializer_list<Value> values) {
  ::sqlite3_reset(statement_);
  int i = 1;
  for (const Value& v : values) {
    if (const auto* n = std::get_if<int64_t>(&v)) ::sqlite3_bind_int64(statement_, i, *n);
    if (const auto* d = std::get_if<double>(&v)) ::sqlite3_bind_double(statement_, i, *d);
    if (const auto* s = std::get_if<std::string_view>(&v))
      ::sqlite3_bind_text(statement_, i, s->data(), static_cast<int>(s->size()), SQLITE_TRANSIENT);
    i++;
  }
}

bool Database::Statement::execute(std::initializer_list<Value> values) {
  if (statement_ == nullptr) return false;
  bind(values);
  const bool done = ::sqlite3_step(statement_) == SQLITE_DONE;
  ::sqlite3_reset(statement_);
  return done;
}

void Database::Statement::query(std::initializer_list<Value> values) {
  if (statement_ != nullptr) bind(values);
}
bool Database::Statement::next() {
  return statement_ != nullptr && ::sqlite3_step(statement_) == SQLITE_ROW;
}
int64_t Database::Statement::integer(int column) const {
  return ::sqlite3_column_int64(statement_, column);
}
double Database::Statement::real(int column) const {
  return ::sqlite3_column_double(statement_, column);
}
std::string Database::Statement::text(int column) const {
  const auto* text = ::sqlite3_column_text(statement_, column);
  return text == nullptr
             ? ""
             : std::string(reinterpret_cast<const char*>(text), static_cast<size_t>(::sqlite3_column_bytes(statement_, column)));
}

}  // namespace sensor
