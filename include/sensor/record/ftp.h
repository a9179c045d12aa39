// ftp.log: the commands that move files or open data channels, with their replies.
#pragma once

#include <optional>

#include "sensor/record/schema.h"

namespace sensor {

struct FtpRecord : ConnHeader {
  std::string user;
  std::optional<std::string> password, command, arg;
  std::optional<std::string_view> mime_type;
  std::optional<uint64_t> file_size, reply_code;
  std::optional<std::string> reply_msg;
  std::optional<bool> passive;
  std::optional<IpAddress> data_orig_h, data_resp_h;
  std::optional<Port> data_resp_p;
  std::optional<Uid> fuid;
  std::optional<std::string> client;  // with the first row that follows, for software.log
};

template <>
struct LogSchema<FtpRecord> {
  using R = FtpRecord;
  static constexpr std::string_view path = "ftp";
  static constexpr std::string_view doc = "FTP commands that move files or open data channels, with their replies.";
  static constexpr auto fields =
      std::tuple_cat(conn_header_fields("time of the command"),
                     std::make_tuple(field("user", &R::user, "user name of the session"),
                                     field("password", &R::password, "password of the session; shown for anonymous users only"),
                                     field("command", &R::command, "command of the client"),
                                     field("arg", &R::arg, "argument of the command; of commands about files, the URL it amounts to"),
                                     field("mime_type", &R::mime_type, "type of the file, by its content"),
                                     field("file_size", &R::file_size, "size of the file, as the server told it"),
                                     field("reply_code", &R::reply_code, "code of the server's reply"),
                                     field("reply_msg", &R::reply_msg, "text of the server's reply"),
                                     field("data_channel.passive", &R::passive, "whether the client opens the data channel"),
                                     field("data_channel.orig_h", &R::data_orig_h, "host that is expected to open the data channel"),
                                     field("data_channel.resp_h", &R::data_resp_h, "host that waits for the data channel"),
                                     field("data_channel.resp_p", &R::data_resp_p, "port at which it waits"),
                                     field("fuid", &R::fuid, "the file that was carried, see files.log"), community_id_field(),
                                     hidden_field("client", &R::client, "what the client's CLNT says it is")));
};

}  // namespace sensor
