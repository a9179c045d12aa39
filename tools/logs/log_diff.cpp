#include "tools/logs/log_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>

namespace sensor::tools {
namespace {

/// Columns whose values are made up anew in every run.
constexpr std::array<std::string_view, 11> kIdColumns{"uid",
                                                      "fuid",
                                                      "parent_fuid",
                                                      "uids",
                                                      "conn_uids",
                                                      "id",
                                                      "tunnel_parents",
                                                      "orig_fuids",
                                                      "resp_fuids",
                                                      "cert_chain_fuids",
                                                      "client_cert_chain_fuids"};

bool is_id_column(std::string_view name) {
  return std::find(kIdColumns.begin(), kIdColumns.end(), name) != kIdColumns.end();
}

/// Which identifier of the one side stands for which of the other.
class IdMap {
 public:
  /// How well two rows' identifiers go together: the number of pairs known before, or nothing when one contradicts.
  std::optional<size_t> agreement(const std::vector<LogValue>& a, const std::vector<LogValue>& b) const {
    size_t known = 0;
    for (size_t i = 0; i < a.size(); i++) {
      for (size_t k = 0; k < a[i].items.size(); k++) {
        const auto forth = forth_.find(a[i].items[k]);
        const auto back = back_.find(b[i].items[k]);
        if (forth == forth_.end() && back == back_.end()) continue;
        if (forth == forth_.end() || back == back_.end() || forth->second != b[i].items[k]) return std::nullopt;
        known++;
      }
    }
    return known;
  }
  void bind(const std::vector<LogValue>& a, const std::vector<LogValue>& b) {
    for (size_t i = 0; i < a.size(); i++) {
      for (size_t k = 0; k < a[i].items.size(); k++) {
        forth_.try_emplace(a[i].items[k], b[i].items[k]);
        back_.try_emplace(b[i].items[k], a[i].items[k]);
      }
    }
  }

 private:
  std::unordered_map<std::string, std::string> forth_, back_;
};

/// One row as it is compared.
struct Row {
  std::vector<LogValue> content;  // compared columns without identifiers
  std::vector<LogValue> ids;
  bool paired = false;

  /// Rows with equal keys differ in identifiers at most.
  std::string key() const {
    std::string k;
    for (const LogValue& v : content) add(v, k);
    for (const LogValue& v : ids) k += fmt::format("{}:{}\x1e", v.is_set ? 1 : 0, v.items.size());
    return k;
  }

 private:
  static void add(const LogValue& v, std::string& k) {
    k += v.is_set ? '+' : '-';
    for (const std::string& item : v.items) k.append(item).append("\x1f");
    k += '\x1e';
  }
};

/// Two tables of one log, cut to the columns that are compared.
struct Pair {
  std::string name;
  std::vector<std::string> content_columns;
  std::vector<std::string> id_columns;
  std::vector<Row> a, b;
  /// Rows of both sides with one key.
  struct Group {
    std::vector<Row*> a, b;
  };
  std::map<std::string, Group> groups;
};

/// Beyond this many rows with one key, they are paired in their order: matching each with each would take too long.
constexpr size_t kMaxMatched = 1000;

class Differ {
 public:
  explicit Differ(const DiffOptions& options) : options_(options) {}

  DiffResult run(std::map<std::string, LogTable> a, std::map<std::string, LogTable> b);

 private:
  bool is_compared(const std::string& log) const {
    return !options_.ignored_logs.contains(log) && (options_.only_logs.empty() || options_.only_logs.contains(log));
  }
  void only_in(const std::map<std::string, LogTable>& x, const std::map<std::string, LogTable>& y, std::string_view side);
  Pair prepare(LogTable& a, LogTable& b);
  std::vector<Row> rows(const LogTable& t, const LogTable& other, const Pair& p) const;
  void match(Pair::Group& group);
  void report(Pair& p);
  void describe_change(const Pair& p, const Row& a, const Row& b);
  std::string one_line(const Pair& p, const Row& r) const;
  void differ(const std::string& line) {
    result_.equal = false;
    result_.report.append(line).append("\n");
  }

  const DiffOptions& options_;
  IdMap ids_;
  DiffResult result_;
};

DiffResult Differ::run(std::map<std::string, LogTable> a, std::map<std::string, LogTable> b) {
  only_in(a, b, "A");
  only_in(b, a, "B");
  std::vector<Pair> pairs;
  for (auto& [name, table] : a) {
    const auto other = b.find(name);
    if (other != b.end() && is_compared(name)) pairs.push_back(prepare(table, other->second));
  }
  // Rows that have only one possible partner settle most identifiers; the rest goes by them.
  for (const bool unique : {true, false}) {
    for (Pair& p : pairs) {
      for (auto& [key, group] : p.groups) {
        if ((group.a.size() == 1 && group.b.size() == 1) == unique) match(group);
      }
    }
  }
  for (Pair& p : pairs) report(p);
  return std::move(result_);
}

void Differ::only_in(const std::map<std::string, LogTable>& x, const std::map<std::string, LogTable>& y, std::string_view side) {
  for (const auto& [name, table] : x) {
    if (!y.contains(name) && is_compared(name)) differ(fmt::format("{}: only in {} ({} rows)", name, side, table.rows.size()));
  }
}

Pair Differ::prepare(LogTable& a, LogTable& b) {
  Pair p;
  p.name = a.name;
  if (a.is_json != b.is_json) {
    unescape_texts(a);
    unescape_texts(b);
  }
  // JSON leaves unset columns out, so a column may be missing only because it is always unset.
  const auto missing = [&](const LogTable& x, const LogTable& y, std::string_view side) {
    for (const std::string& column : x.columns) {
      if (y.find(column) == y.columns.size() && !y.is_json && !options_.common_columns && !options_.ignored_columns.contains(column)) {
        differ(fmt::format("{}: column {} only in {}", p.name, column, side));
      }
    }
  };
  missing(a, b, "A");
  missing(b, a, "B");
  const auto add = [&](const LogTable& x, const LogTable& y, bool both_only) {
    for (const std::string& column : x.columns) {
      const bool in_both = y.find(column) != y.columns.size();
      auto& columns = is_id_column(column) ? p.id_columns : p.content_columns;
      const bool known = std::find(columns.begin(), columns.end(), column) != columns.end();
      const bool wanted = in_both || (!both_only && (x.is_json || y.is_json));
      if (wanted && !known && !options_.ignored_columns.contains(column)) columns.push_back(column);
    }
  };
  add(a, b, options_.common_columns);
  add(b, a, options_.common_columns);
  p.a = rows(a, b, p);
  p.b = rows(b, a, p);
  for (Row& r : p.a) p.groups[r.key()].a.push_back(&r);
  for (Row& r : p.b) p.groups[r.key()].b.push_back(&r);
  return p;
}

std::vector<Row> Differ::rows(const LogTable& t, const LogTable& other, const Pair& p) const {
  const auto is_set_type = [](const LogTable& x, const std::string& column) {
    const size_t i = x.find(column);
    return i < x.types.size() && x.types[i].starts_with("set[");
  };
  std::vector<Row> out;
  std::vector<std::pair<size_t, bool>> content;  // position, compared without order
  std::vector<size_t> ids;
  for (const auto& c : p.content_columns) content.emplace_back(t.find(c), is_set_type(t, c) || is_set_type(other, c));
  for (const auto& c : p.id_columns) ids.push_back(t.find(c));
  for (const auto& cells : t.rows) {
    Row& r = out.emplace_back();
    for (const auto& [i, is_set] : content) {
      r.content.push_back(i < cells.size() ? cells[i] : LogValue{});
      if (is_set) std::sort(r.content.back().items.begin(), r.content.back().items.end());
    }
    for (const size_t i : ids) r.ids.push_back(i < cells.size() ? cells[i] : LogValue{});
  }
  return out;
}

void Differ::match(Pair::Group& group) {
  size_t next = 0;
  for (Row* a : group.a) {
    Row* best = nullptr;
    std::optional<size_t> best_known;
    size_t tried = 0;
    for (size_t i = next; i < group.b.size() && tried < kMaxMatched; i++) {
      Row* b = group.b[i];
      if (b->paired) continue;
      tried++;
      const auto known = ids_.agreement(a->ids, b->ids);
      if (known && (!best_known || *known > *best_known)) {
        best = b;
        best_known = known;
      }
    }
    if (best == nullptr) continue;
    ids_.bind(a->ids, best->ids);
    a->paired = best->paired = true;
    while (next < group.b.size() && group.b[next]->paired) next++;
  }
}

std::string Differ::one_line(const Pair& p, const Row& r) const {
  std::string s;
  for (size_t i = 0; i < p.content_columns.size(); i++) {
    if (r.content[i].is_set) s += fmt::format("{}{}={}", s.empty() ? "" : " ", p.content_columns[i], r.content[i].text());
  }
  return s;
}

void Differ::describe_change(const Pair& p, const Row& a, const Row& b) {
  std::string where;
  for (std::string_view column : {"ts", "id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p"}) {
    const auto it = std::find(p.content_columns.begin(), p.content_columns.end(), column);
    if (it != p.content_columns.end()) where += ' ' + a.content[static_cast<size_t>(it - p.content_columns.begin())].text();
  }
  differ(fmt::format("{}: row differs:{}", p.name, where));
  bool by_content = false;
  for (size_t i = 0; i < a.content.size(); i++) {
    if (a.content[i] == b.content[i]) continue;
    by_content = true;
    differ(fmt::format("    {}: {} | {}", p.content_columns[i], a.content[i].text(), b.content[i].text()));
  }
  for (size_t i = 0; i < a.ids.size() && !by_content; i++) {
    differ(fmt::format("    {}: {} | {} (stands for another one elsewhere)", p.id_columns[i], a.ids[i].text(), b.ids[i].text()));
  }
}

/// Rows without a partner: those that agree in most columns are shown side by side.
void Differ::report(Pair& p) {
  std::vector<Row*> left, right;
  for (Row& r : p.a) {
    if (!r.paired) left.push_back(&r);
  }
  for (Row& r : p.b) {
    if (!r.paired) right.push_back(&r);
  }
  if (left.empty() && right.empty()) return;
  differ(fmt::format("{}: {} of {} rows in A and {} of {} rows in B have no partner", p.name, left.size(), p.a.size(), right.size(),
                     p.b.size()));
  size_t shown = 0;
  for (Row* a : left) {
    if (shown == options_.max_shown) break;
    shown++;
    Row* best = nullptr;
    size_t best_equal = p.content_columns.size() / 2;
    for (size_t i = 0; i < std::min(right.size(), kMaxMatched); i++) {
      if (right[i]->paired) continue;
      size_t equal = 0;
      for (size_t k = 0; k < a->content.size(); k++) equal += a->content[k] == right[i]->content[k] ? 1 : 0;
      if (equal > best_equal || (equal == p.content_columns.size() && best == nullptr)) {
        best = right[i];
        best_equal = equal;
      }
    }
    if (best != nullptr) {
      best->paired = true;
      describe_change(p, *a, *best);
    } else {
      differ(fmt::format("{}: only in A: {}", p.name, one_line(p, *a)));
    }
  }
  shown = 0;
  for (Row* b : right) {
    if (b->paired) continue;
    if (shown++ == options_.max_shown) break;
    differ(fmt::format("{}: only in B: {}", p.name, one_line(p, *b)));
  }
}

}  // namespace

DiffResult diff_logs(std::map<std::string, LogTable> a, std::map<std::string, LogTable> b, const DiffOptions& options) {
  return Differ(options).run(std::move(a), std::move(b));
}

}  // namespace sensor::tools
