#include "src/session/ftp_commands.h"

#include <algorithm>
#include <array>
#include <span>

namespace sensor {
namespace {

struct CommandReplies {
  std::string_view command;
  std::array<uint16_t, 21> codes;  // unused ones are 1, which no reply has
};
template <class... Codes>
constexpr CommandReplies replies(std::string_view command, Codes... codes) {
  CommandReplies r{command, {}};
  r.codes.fill(1);
  size_t n = 0;
  ((r.codes[n++] = static_cast<uint16_t>(codes)), ...);
  return r;
}

/// The replies that RFC 959 section 5.4, RFC 2389, RFC 2428 and RFC 3659 allow to each command. Code 0 stands for a line within a longer
/// reply.
constexpr std::array kReplies{
    replies("<init>", 120, 220, 421, 0),
    replies("<missing>", 0),
    replies("USER", 230, 331, 332, 421, 530, 500, 501),
    replies("PASS", 230, 202, 332, 421, 530, 500, 501, 503),
    replies("ACCT", 230, 202, 421, 530, 500, 501, 503),
    replies("CWD", 250, 421, 500, 501, 502, 530, 550),
    replies("CDUP", 200, 250, 421, 500, 501, 502, 530, 550),
    replies("SMNT", 202, 250, 421, 500, 501, 502, 530, 550),
    replies("REIN", 120, 220, 421, 500, 502),
    replies("QUIT", 221, 500, 0),
    replies("PORT", 200, 421, 500, 501, 530),
    replies("PASV", 227, 421, 500, 501, 502, 530),
    replies("MODE", 200, 421, 500, 501, 502, 504, 530),
    replies("TYPE", 200, 421, 500, 501, 504, 530),
    replies("STRU", 200, 421, 500, 501, 504, 530),
    replies("ALLO", 200, 202, 421, 500, 501, 504, 530),
    replies("REST", 200, 350, 421, 500, 501, 502, 530),
    replies("STOR", 110, 125, 150, 226, 250, 421, 425, 426, 451, 551, 552, 532, 450, 452, 553, 500, 501, 530, 550),
    replies("STOU", 110, 125, 150, 226, 250, 421, 425, 426, 451, 551, 552, 532, 450, 452, 553, 500, 501, 530, 550),
    replies("RETR", 110, 125, 150, 226, 250, 421, 425, 426, 451, 450, 500, 501, 530, 550),
    replies("LIST", 125, 150, 226, 250, 421, 425, 426, 451, 450, 500, 501, 502, 530, 550),
    replies("NLST", 125, 150, 226, 250, 421, 425, 426, 451, 450, 500, 501, 502, 530, 550),
    replies("APPE", 125, 150, 226, 250, 421, 425, 426, 451, 551, 552, 532, 450, 550, 452, 553, 500, 501, 502, 530),
    replies("RNFR", 350, 421, 450, 550, 500, 501, 502, 530),
    replies("RNTO", 250, 421, 532, 553, 500, 501, 502, 503, 530),
    replies("DELE", 250, 421, 450, 550, 500, 501, 502, 530),
    replies("RMD", 250, 421, 500, 501, 502, 530, 550),
    replies("MKD", 257, 421, 500, 501, 502, 530, 550),
    replies("PWD", 257, 421, 500, 501, 502, 550),
    replies("ABOR", 225, 226, 421, 500, 501, 502),
    replies("SYST", 215, 421, 500, 501, 502, 530),
    replies("STAT", 211, 212, 213, 421, 450, 500, 501, 502, 530),
    replies("HELP", 200, 211, 214, 421, 500, 501, 502),
    replies("SITE", 200, 202, 214, 500, 501, 502, 530),
    replies("NOOP", 200, 421, 500),
    replies("LPRT", 500, 501, 521),
    replies("FEAT", 211, 500, 502),
    replies("OPTS", 200, 451, 501),
    replies("EPSV", 229, 500, 501),
    replies("EPRT", 200, 500, 501, 522),
    replies("SIZE", 213, 500, 501, 550),
    replies("MDTM", 213, 500, 501, 550),
    replies("MLST", 150, 226, 250, 500, 501, 550),
    replies("MLSD", 150, 226, 250, 500, 501, 550),
    replies("CLNT", 200, 500),
    replies("MACB", 200, 500, 550),
};

bool allows(std::string_view command, uint32_t code) {
  constexpr uint32_t kSyntaxError = 500;  // fits every command
  if (code == kSyntaxError) return true;
  const auto it = std::ranges::find(kReplies, command, &CommandReplies::command);
  return it != kReplies.end() && std::ranges::find(it->codes, code) != it->codes.end();
}

}  // namespace

void FtpCommands::add(TimeNs ts, std::string_view name, std::string_view argument, size_t cut) {
  const uint64_t number = ++last_number_;
  pending_[number] = std::make_shared<FtpCommand>(FtpCommand{ts, std::string(name), std::string(argument), cut, number});
}

FtpCommandPtr FtpCommands::match(uint32_t code, std::string_view text) const {
  FtpCommandPtr best;
  int best_score = -1;
  for (const auto& [number, command] : pending_) {
    int score = allows(command->name, code) ? 100 : 0;
    if (text.find(command->name) != std::string_view::npos) score += 20;
    if (text.find(command->argument) != std::string_view::npos) score += 10;
    if (score <= best_score) continue;
    best_score = score;
    best = command;
  }
  return best;
}

}  // namespace sensor
