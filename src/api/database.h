// SQLite, as much of it as is needed here.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "sensor/base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace sensor {

/// One connection; belongs to one thread at a time. The file is in write-ahead mode: readers and the writer do not wait for each other.
class Database {
 public:
  using Value = std::variant<int64_t, double, std::string_view>;

  /// Error{RunTime}: the file cannot be opened or is no database.
  static Result<Database> open(const std::string& path);
  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;
  ~Database();

  /// Statements without results.
  Status run(const char* sql);

  /// A prepared statement.
  class Statement {
   public:
    Statement(Database& database, const char* sql);
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;
    ~Statement();

    /// Binds the values and does it once; false: it failed.
    bool execute(std::initializer_list<Value> values);
    /// Binds; then next() until it is false.
    void query(std::initializer_list<Value> values);
    bool next();
    int64_t integer(int column) const;
    double real(int column) const;
    std::string text(int column) const;

   private:
    void bind(std::initializer_list<Value> values);
    sqlite3_stmt* statement_ = nullptr;
  };

 private:
  explicit Database(sqlite3* handle) : handle_(handle) {}
  sqlite3* handle_;
};

}  // namespace sensor
