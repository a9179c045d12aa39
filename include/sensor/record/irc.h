// irc.log: who comes to which channels, and files offered from client to client.
#pragma once

#include <optional>

#include "sensor/record/schema.h"

namespace sensor {

struct IrcRecord : ConnHeader {
  std::optional<std::string> nick, user, command, value, addl, dcc_file_name;
  std::optional<uint64_t> dcc_file_size;
  std::optional<std::string_view> dcc_mime_type;
  std::optional<Uid> fuid;
};

template <>
struct LogSchema<IrcRecord> {
  using R = IrcRecord;
  static constexpr std::string_view path = "irc";
  static constexpr std::string_view doc = "Names, channels and direct transfers of files over IRC.";
  static constexpr auto fields =
      std::tuple_cat(conn_header_fields("time of the last command"),
                     std::make_tuple(field("nick", &R::nick, "nickname so far"), field("user", &R::user, "name of the user so far"),
                                     field("command", &R::command, "NICK, USER, JOIN, or DCC for a file"),
                                     field("value", &R::value, "the new name, or the channel"),
                                     field("addl", &R::addl, "more about it: of a user host, server and real name, of a channel its key"),
                                     field("dcc_file_name", &R::dcc_file_name, "file that was offered last"),
                                     field("dcc_file_size", &R::dcc_file_size, "its size, as the sender says"),
                                     field("dcc_mime_type", &R::dcc_mime_type, "its type, by content"),
                                     field("fuid", &R::fuid, "its id in files.log"), community_id_field()));
};

}  // namespace sensor
