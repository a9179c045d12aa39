#include "src/session/redis_analyzer.h"

#include <algorithm>

#include "dpi/redis/words.h"

namespace sensor {

using redis::equal_ignoring_case;
using Status = redis::CommandReader::Status;

void RedisAnalyzer::on_data(AnalyzerContext& c, Direction d, Bytes bytes) {
  if (stopped_) return c.done();
  if (d == Direction::Orig) return commands(c, ByteReader(bytes));
  if (!client_spoke_) return violation(c, "a Redis server that speaks first");
  replies(c, ByteReader(bytes));
}

/// The server's next reply begins somewhere behind an end of line; a command is not found again.
void RedisAnalyzer::on_gap(AnalyzerContext& c, Direction d, uint64_t) {
  if (stopped_) return;
  if (d == Direction::Orig) {
    on_finish(c);
    stopped_ = true;
    return c.done();
  }
  lost_track_ = true;
  replies_.lose_track();
}

/// As in Zeek, a command or a reply without its end is a violation, and what is pending is not written then.
void RedisAnalyzer::on_eof(AnalyzerContext& c, Direction d) {
  if (stopped_ || lost_track_) return;
  if (d == Direction::Orig ? commands_.within() : replies_.within()) violation(c, "cut off Redis message");
}

void RedisAnalyzer::on_finish(AnalyzerContext& c) {
  if (stopped_) return;
  if (lost_track_) return violation(c, "malformed Redis reply");
  if (state_.reply == 0) return;
  while (!state_.pending.empty()) write(c, state_.pending.begin()->first);
}

void RedisAnalyzer::violation(AnalyzerContext& c, std::string_view reason) {
  stopped_ = true;
  c.violation(reason);
}

void RedisAnalyzer::commands(AnalyzerContext& c, ByteReader r) {
  client_spoke_ = true;
  for (;;) {
    switch (commands_.feed(r)) {
      case Status::NeedMore:
        return;
      case Status::Malformed:
        return violation(c, "malformed Redis command");
      case Status::Ready:
        command(c, commands_.command());
    }
  }
}

void RedisAnalyzer::replies(AnalyzerContext& c, ByteReader r) {
  for (;;) {
    switch (replies_.feed(r)) {
      case Status::NeedMore:
        return;
      case Status::Malformed:
        lost_track_ = true;
        break;
      case Status::Ready:
        c.confirm("redis");
        if (replies_.reply().kind != redis::Reply::Kind::Push) reply(c, replies_.reply());
    }
    if (state_.pending.size() <= kMaxPending + 1) continue;
    stopped_ = true;  // replies to nothing
    return c.done();
  }
}

RedisAnalyzer::Pending& RedisAnalyzer::pending(AnalyzerContext& c, uint64_t number) {
  const auto [it, added] = state_.pending.try_emplace(number);
  if (added) it->second.ts = c.now();
  return it->second;
}

void RedisAnalyzer::command(AnalyzerContext& c, const redis::Command& cmd) {
  if (state_.pending.size() > kMaxPending || state_.bytes > kMaxPendingBytes || state_.without_reply.size() > kMaxPending) {
    c.weird("Redis_excessive_pipelining", {}, {});
    state_ = {};
    return;
  }
  const std::string& name = cmd.arguments[0];
  if (equal_ignoring_case(name, "hello") && cmd.count > 1 && cmd.arguments[1] == "3") state_.resp3 = true;
  state_.command++;
  const redis::Places at = redis::places(name);
  const bool silent = redis::has_no_reply(name);
  const bool known = at.key != 0 || silent ||
                     std::ranges::any_of(std::to_array<std::string_view>({"auth", "client", "hello", "quit", "reset"}),
                                         [&](std::string_view k) { return equal_ignoring_case(k, name); });
  if (known && !state_.resp3) state_.subscribed = redis::subscribes(name);
  if (silent || (known && state_.subscribed)) state_.without_reply.insert(state_.command);
  if (equal_ignoring_case(name, "client") && cmd.count == 3) switch_replies(cmd.arguments[2]);
  Pending& p = pending(c, state_.command);
  p.has_command = true;
  const auto argument = [&](uint8_t place) {
    return place != 0 && place < cmd.arguments.size() ? std::optional(cmd.arguments[place]) : std::nullopt;
  };
  p.row.name = name.substr(0, kMaxName);
  p.row.key = argument(at.key);
  p.row.value = argument(at.value);
  for (const std::string& a : cmd.arguments) state_.bytes += a.size();
}

/// CLIENT REPLY ON, OFF and SKIP.
void RedisAnalyzer::switch_replies(std::string_view how) {
  const bool silent = !state_.silences.empty() && !state_.silences.back().end;
  if (equal_ignoring_case(how, "on") && silent) state_.silences.back().end = state_.command;
  if (silent || state_.silences.size() >= kMaxSilences) return;
  if (equal_ignoring_case(how, "off")) state_.silences.push_back({state_.command, std::nullopt});
  if (equal_ignoring_case(how, "skip")) state_.silences.push_back({state_.command, state_.command + 2});
}

/// The number of the command that the next reply answers.
uint64_t RedisAnalyzer::next_reply() {
  const uint64_t next = state_.reply + 1;
  uint64_t result = next;
  for (const Silence& s : state_.silences) {
    if (s.end && next >= s.begin && next < *s.end) result = *s.end;
  }
  while (state_.without_reply.erase(result) != 0) result++;
  return result;
}

void RedisAnalyzer::reply(AnalyzerContext& c, const redis::Reply& r) {
  const bool error = r.kind == redis::Reply::Kind::Error;
  if (r.resp3 && !error) {
    state_.resp3 = true;
    state_.subscribed = false;
  }
  if (state_.subscribed && !error) return;
  const uint64_t previous = state_.reply;
  state_.reply = next_reply();
  Pending& p = pending(c, state_.reply);
  p.row.reply = r.value;
  p.row.success = !error;
  state_.bytes += r.value.size();
  // Commands before it will not be answered any more.
  for (auto it = state_.pending.lower_bound(std::max<uint64_t>(previous, 1)); it != state_.pending.end() && it->first <= state_.reply;) {
    const auto at = it++;
    if (at->second.has_command) write(c, at->first);
  }
  if (!error && state_.command == state_.reply) state_.without_reply.clear();
}

/// The row of a command, and that is all there is to it.
void RedisAnalyzer::write(AnalyzerContext& c, uint64_t number) {
  const auto it = state_.pending.find(number);
  Pending& p = it->second;
  if (p.has_command) {
    static_cast<ConnHeader&>(p.row) = c.conn();
    p.row.ts = Time{p.ts};
    c.records().write(c.now(), p.row.uid, p.row);
  }
  const size_t bytes =
      p.row.name.size() + p.row.key.value_or("").size() + p.row.value.value_or("").size() + p.row.reply.value_or("").size();
  state_.bytes -= std::min(state_.bytes, bytes);
  state_.pending.erase(it);
}

Probe probe_redis(const ProbeInput& in) {
  switch (redis::looks_like(in.orig, in.resp)) {
    case redis::Match::Yes:
      return Probe::Certain;
    case redis::Match::Unsure:
      return Probe::Unsure;
    case redis::Match::No:
      break;
  }
  return Probe::NotForUs;
}

}  // namespace sensor
