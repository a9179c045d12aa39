// ldap.log and ldap_search.log: what clients ask of LDAP servers.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sensor/record/schema.h"

namespace sensor {

struct LdapRecord : ConnHeader {
  int64_t message_id = 0;
  std::optional<int64_t> version;
  std::optional<std::string> opcode, result, diagnostic_message, object, argument;
};

template <>
struct LogSchema<LdapRecord> {
  using R = LdapRecord;
  static constexpr std::string_view path = "ldap";
  static constexpr std::string_view doc = "Requests to LDAP servers but searches, with their answers.";
  static constexpr auto fields = std::tuple_cat(
      conn_header_fields("time of the request"),
      std::make_tuple(field("message_id", &R::message_id, "number that joins request and answer"),
                      field("version", &R::version, "version of LDAP, when the client logs in"),
                      field("opcode", &R::opcode, "what is asked for"), field("result", &R::result, "how it went"),
                      field("diagnostic_message", &R::diagnostic_message, "the server's words on it"),
                      field("object", &R::object, "the entry it is about, or the kind of an extended request"),
                      field("argument", &R::argument, "how the client logs in; passwords are not shown"), community_id_field()));
};

struct LdapSearchRecord : ConnHeader {
  int64_t message_id = 0;
  std::optional<std::string> scope, deref_aliases, base_object;
  uint64_t result_count = 0;
  std::optional<std::string> result, diagnostic_message, filter;
  std::optional<std::vector<std::string>> attributes;
};

template <>
struct LogSchema<LdapSearchRecord> {
  using R = LdapSearchRecord;
  static constexpr std::string_view path = "ldap_search";
  static constexpr std::string_view doc = "Searches in LDAP directories.";
  static constexpr auto fields = std::tuple_cat(
      conn_header_fields("time of the request"),
      std::make_tuple(field("message_id", &R::message_id, "number that joins request and answers"),
                      field("scope", &R::scope, "how deep below the base: base, single or tree"),
                      field("deref_aliases", &R::deref_aliases, "where aliases are followed: never, searching, finding or always"),
                      field("base_object", &R::base_object, "entry where the search begins"),
                      field("result_count", &R::result_count, "entries that were found"), field("result", &R::result, "how it went"),
                      field("diagnostic_message", &R::diagnostic_message, "the server's words on it"),
                      field("filter", &R::filter, "what is searched for"),
                      field("attributes", &R::attributes, "attributes that are asked for; never set, as by default in Zeek"),
                      community_id_field()));
};

}  // namespace sensor
