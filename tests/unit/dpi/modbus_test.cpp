#include "dpi/modbus/modbus.h"

#include <gtest/gtest.h>

#include "modbus_messages.h"

namespace sensor::modbus {
namespace {

using test::modbus_bytes;
using test::modbus_message;
using Words = std::vector<std::string>;

struct Told final : Sink {
  void on_header(bool from_client, const Header& h) override {
    words.push_back((from_client ? ">" : "<") + std::to_string(h.transaction) + ":" + std::to_string(h.function));
  }
  void on_exception(uint8_t code) override { words.push_back("exception:" + std::to_string(code)); }
  void on_message() override { words.emplace_back("whole"); }
  void on_violation(std::string_view) override { words.emplace_back("violation"); }
  Words words;
};

struct Sample {
  bool from_client;
  uint8_t function;
  std::string body;
};
const std::vector<Sample>& samples() {
  static const std::vector<Sample> all = {
      {true, 1, modbus_bytes("\0\1\0\2")},
      {true, 5, modbus_bytes("\0\1\xff\0")},
      {true, 8, modbus_bytes("\0\0")},
      {true, 15, modbus_bytes("\0\1\0\2\1\3")},
      {true, 16, modbus_bytes("\0\1\0\2\4abcd")},
      {true, 20, modbus_bytes("\7\6\0\1\0\2\0\3")},
      {true, 21, modbus_bytes("\x9\6\0\1\0\2\0\1ab")},
      {true, 22, modbus_bytes("\0\1aabb")},
      {true, 23, modbus_bytes("\0\1\0\1\0\1\0\1\2ab")},
      {true, 24, modbus_bytes("\0\1")},
      {true, 43, modbus_bytes("\x0e")},
      {false, 2, modbus_bytes("\1\xff")},
      {false, 3, modbus_bytes("\4abcd")},
      {false, 16, modbus_bytes("\0\1\0\2")},
      {false, 20, modbus_bytes("\5\3\6abc")},
      {false, 24, modbus_bytes("\0\6\0\2abcd")},
      {false, 0x83, modbus_bytes("\2")},
  };
  return all;
}

TEST(Modbus, EveryFunctionAndEveryTruncationOfIt) {
  for (const Sample& s : samples()) {
    const std::string name = std::string(s.from_client ? "request " : "response ") + std::to_string(s.function);
    for (size_t n = 0; n <= s.body.size(); n++) {
      Told told;
      Reader reader(told);
      const std::string message = modbus_message(7, s.function, s.body.substr(0, n));
      reader.feed(s.from_client, as_bytes(message));
      EXPECT_EQ(told.words.back(), n == s.body.size() ? "whole" : "violation") << name << " cut to " << n;
    }
  }
}

TEST(Modbus, HalfARegister) {
  const std::vector<Sample> odd = {
      {true, 16, modbus_bytes("\0\1\0\1\3abc")},
      {true, 23, modbus_bytes("\0\1\0\1\0\1\0\1\3abc")},
      {false, 3, modbus_bytes("\3abc")},
      {false, 24, modbus_bytes("\0\5\0\1ab")},
  };
  for (const Sample& s : odd) {
    Told told;
    Reader reader(told);
    reader.feed(s.from_client, as_bytes(modbus_message(7, s.function, s.body)));
    ASSERT_EQ(told.words.size(), 3u) << s.function;
    EXPECT_EQ(told.words[1], "violation") << s.function;
    EXPECT_EQ(told.words[2], "whole") << s.function;
  }
}

TEST(Modbus, AnyDivision) {
  const std::string stream = modbus_message(1, 3, modbus_bytes("\2ab")) + modbus_message(2, 0x84, "\1") + modbus_message(3, 99, "any");
  const Words expected{"<1:3", "whole", "<2:132", "exception:1", "whole", "<3:99", "whole"};
  for (size_t cut = 0; cut <= stream.size(); cut++) {
    Told told;
    Reader reader(told);
    reader.feed(false, as_bytes(stream).first(cut));
    reader.feed(false, as_bytes(stream).subspan(cut));
    EXPECT_EQ(told.words, expected) << cut;
  }
}

TEST(Modbus, Malformed) {
  Told told;
  Reader reader(told);
  const std::string good = modbus_message(1, 1, modbus_bytes("\0\1\0\2")), other_protocol = modbus_bytes("\0\1\0\1\0\6\1\1\0\0\0\1"),
                    too_short = modbus_bytes("\0\1\0\0\0\1\1\1");
  reader.feed(true, as_bytes(other_protocol + good));
  reader.feed(true, as_bytes(too_short + good));
  EXPECT_EQ(told.words, (Words{"violation", "violation"}));
  // The next piece begins with a message again.
  reader.feed(true, as_bytes(good));
  EXPECT_EQ(told.words, (Words{"violation", "violation", ">1:1", "whole"}));
  told.words.clear();
  const std::string odd = modbus_message(2, 3, "\3abc");
  reader.feed(false, as_bytes(odd));
  EXPECT_EQ(told.words, (Words{"<2:3", "violation", "whole"}));
}

TEST(Modbus, Names) {
  EXPECT_EQ(function_name(0x2b), "ENCAP_INTERFACE_TRANSPORT");
  EXPECT_EQ(function_name(0xab), "ENCAP_INTERFACE_TRANSPORT_EXCEPTION");
  EXPECT_EQ(function_name(99), "unknown-99");
  EXPECT_EQ(function_name(0x9c), "unknown-156");
  EXPECT_EQ(exception_name(2), "ILLEGAL_DATA_ADDRESS");
  EXPECT_EQ(exception_name(9), "unknown-9");
}

TEST(ModbusProbe, ARequestAndItsAnswer) {
  const auto match = [](const std::string& c, const std::string& s) { return looks_like(as_bytes(c), as_bytes(s)); };
  const std::string request = modbus_message(1, 3, modbus_bytes("\0\1\0\1")), answer = modbus_message(1, 3, "\2ab"),
                    refusal = modbus_message(1, 0x83, "\2"), late = modbus_message(2, 3, "\2ab"), other = modbus_message(1, 4, "\2ab");
  EXPECT_EQ(match(request, answer), Match::Yes);
  EXPECT_EQ(match(request, refusal), Match::Yes);
  EXPECT_EQ(match(request, late), Match::No);
  EXPECT_EQ(match(request, other), Match::No);
  EXPECT_EQ(match(request, ""), Match::Unsure);
  EXPECT_EQ(match(request.substr(0, 9), answer.substr(0, 3)), Match::Unsure);
  EXPECT_EQ(match("GET / HTTP/1.0\r\n", ""), Match::No);
  EXPECT_EQ(match("", "220 ready"), Match::No);
  EXPECT_EQ(match(modbus_message(1, 99, "x"), ""), Match::No);
}

}  // namespace
}  // namespace sensor::modbus
