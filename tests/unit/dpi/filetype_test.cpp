#include "dpi/filetype/filetype.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "dpi/filetype/automaton.h"
#include "dpi/filetype/signatures.h"

namespace sensor::filetype {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

bool match(std::string_view pattern, std::string_view data) {
  return Automaton(std::array{Pattern(pattern)}).find(as_bytes(data)).pattern == 0;
}
std::string_view type(const std::string& data) {
  return mime_type(as_bytes(data));
}

TEST(Pattern, MatchesFromTheFirstByteAndNeedsNoEnd) {
  EXPECT_TRUE(match("abc", "abcdef"));
  EXPECT_FALSE(match("abc", "xabc"));
  EXPECT_FALSE(match("abc", "ab"));
}

TEST(Pattern, DotIsAnyByte) {
  EXPECT_TRUE(match("a.c", "a\nc"));
  EXPECT_FALSE(match("a.c", "ac"));
  EXPECT_TRUE(match("a.*c", "ax\nxc"));
}

TEST(Pattern, Repetition) {
  EXPECT_TRUE(match("a{3}b", "aaab"));
  EXPECT_FALSE(match("a{3}b", "aab"));
  EXPECT_FALSE(match("a{3}b", "aaaab"));
  EXPECT_TRUE(match("a{1,3}b", "ab"));
  EXPECT_TRUE(match("a{1,3}b", "aaab"));
  EXPECT_FALSE(match("a{1,3}b", "aaaab"));
  EXPECT_TRUE(match("a{2,}b", "aaaaaab"));
  EXPECT_FALSE(match("a{2,}b", "ab"));
  EXPECT_TRUE(match("(ab)*c", "ababc"));
  EXPECT_TRUE(match("(a|bc)+d", "abcad"));
  EXPECT_TRUE(match("x?y", "y"));
}

TEST(Pattern, ClassesAndCase) {
  EXPECT_TRUE(match("[a-c^]x", "^x"));
  EXPECT_FALSE(match("[^a-c]x", "bx"));
  EXPECT_TRUE(match("[^a-c]x", "\nx"));
  EXPECT_TRUE(match("~html~", "hTmL"));
  EXPECT_FALSE(match("html", "hTmL"));
  EXPECT_TRUE(match(R"(\x00\xff[\]\-]\.)", "\x00\xff-."s));
}

TEST(Pattern, NestedEmptyLoopsEnd) {
  EXPECT_TRUE(match("((a*)*b*)*c", "aabbc"));
  EXPECT_FALSE(match("((a*)*b*)*c", "aabbd"));
}

TEST(Automaton, TheFirstPatternThatMatchesWinsWhereverItsMatchEnds) {
  Automaton a(std::array{Pattern("ab.*z"), Pattern("a"), Pattern("b|ab")});
  EXPECT_EQ(a.find(as_bytes("abc"sv)).pattern, 1u);
  EXPECT_EQ(a.find(as_bytes("abcz"sv)).pattern, 0u);
  EXPECT_EQ(a.find(as_bytes("bcz"sv)).pattern, 2u);
  EXPECT_EQ(a.find(as_bytes("cz"sv)).pattern, a.patterns());
  EXPECT_EQ(a.find({}).pattern, a.patterns());
}

TEST(Automaton, TellsWhatMoreDataMayMakeOfIt) {
  Automaton a(std::array{Pattern("ab.*z"), Pattern("acd"), Pattern("a")});
  EXPECT_EQ(a.find({}).may_precede, 0u);
  EXPECT_EQ(a.find(as_bytes("a"sv)), (Automaton::Found{2, 0}));
  EXPECT_EQ(a.find(as_bytes("ac"sv)), (Automaton::Found{2, 1}));
  EXPECT_EQ(a.find(as_bytes("acd"sv)), (Automaton::Found{1, 1}));
  EXPECT_EQ(a.find(as_bytes("ax"sv)), (Automaton::Found{2, 2}));
  EXPECT_EQ(a.find(as_bytes("abxx"sv)), (Automaton::Found{2, 0}));
}

TEST(Pattern, FirstBytes) {
  const auto first = [](std::string_view pattern) {
    std::string bytes;
    for (unsigned b = 0; b < 256; b++)
      if (Pattern(pattern).first_bytes().test(b)) bytes += static_cast<char>(b);
    return bytes;
  };
  EXPECT_EQ(first("abc"), "a");
  EXPECT_EQ(first("[x-z]?c|q"), "cqxyz");
  EXPECT_EQ(first("(a*b)*c"), "abc");
  EXPECT_EQ(first(".a").size(), 256u);
}

TEST(Pattern, Layout) {
  const auto layout = [](std::string_view pattern) {
    std::vector<size_t> sizes;
    for (const Pattern::Set& s : Pattern(pattern).layout()) sizes.push_back(s.count());
    return sizes;
  };
  EXPECT_EQ(layout("a[0-9]{2}(.x){2}"), (std::vector<size_t>{1, 10, 10, 256, 1, 256, 1}));
  EXPECT_TRUE(layout("ab?c").empty());
  EXPECT_TRUE(layout("ab|ac").empty());
  EXPECT_TRUE(layout("ab*").empty());
  EXPECT_TRUE(layout("a(b)*c").empty());
}

/// What Automaton finds, step by step.
size_t first_match(std::span<const Pattern> patterns, std::string_view data) {
  const auto matches = [&](const Pattern& p) {
    std::vector<bool> in(p.program().size()), next;
    const auto reach = [&](auto&& self, size_t i, std::vector<bool>& set) -> bool {
      if (set[i]) return false;
      set[i] = true;
      const Pattern::Step& s = p.program()[i];
      if (s.kind == Pattern::Step::Accept) return true;
      if (s.kind == Pattern::Step::Byte) return false;
      const bool other = s.kind == Pattern::Step::Split && self(self, s.b, set);
      return self(self, s.a, set) || other;
    };
    if (reach(reach, 0, in)) return true;
    for (const char c : data) {
      next.assign(in.size(), false);
      for (size_t i = 0; i < in.size(); i++) {
        const Pattern::Step& s = p.program()[i];
        if (in[i] && s.kind == Pattern::Step::Byte && p.sets()[s.a].test(static_cast<uint8_t>(c)) && reach(reach, i + 1, next)) return true;
      }
      std::swap(in, next);
    }
    return false;
  };
  return static_cast<size_t>(std::ranges::find_if(patterns, matches) - patterns.begin());
}

TEST(Automaton, FindsInLongDataWhatAWalkStepByStepFinds) {
  // Of each pattern the beginning occurs often, the whole seldom, at the end of the data too.
  const std::array patterns{Pattern(R"(.*--- .*\n.*@@)"), Pattern(R"(.*<\?ph)"), Pattern(".*P2[0-9]"), Pattern(".*PPq"), Pattern(".*q")};
  Automaton a(patterns);
  std::mt19937 random(3);
  std::array<size_t, 6> found{};
  for (int round = 0; round < 600; round++) {
    std::string data(random() % 1500, 'x');
    for (size_t n = random() % 20; n > 0 && !data.empty(); n--) {
      constexpr std::string_view kPieces[] = {"-", "--", "--- ", "\n", "+++ ", "@@", "<", "<?", "<?p", "P", "P2", "PP", "P2-", "?ph"};
      const std::string_view piece = kPieces[random() % std::min<size_t>(std::size(kPieces), 3 + random() % 30)];
      data.replace(random() % data.size(), piece.size(), piece);
    }
    if (random() % 3 == 0) data += std::array{"q", "P21", "PPq", "<?php", "--- \n@@"}[random() % 5];
    const size_t expected = first_match(patterns, data);
    found[expected]++;
    ASSERT_EQ(a.find(as_bytes(data)).pattern, expected) << data;
  }
  EXPECT_GT(*std::ranges::min_element(found), 5u);
}

TEST(Automaton, ForgetsStatesRatherThanGrowAndStaysRight) {
  // Its states are the sets of the last fourteen positions that held an 'a': more than it may hold.
  const Pattern pattern(".*a.{14}z");
  Automaton lasting(std::span(&pattern, 1));
  std::mt19937 random(1);
  for (int round = 0; round < 300; round++) {
    std::string data(200, 'b');
    for (char& c : data) c = "aby"[random() % 3];
    if (round % 2 == 0) data[150] = 'z';
    Automaton fresh(std::span(&pattern, 1));
    const bool expected = round % 2 == 0 && data[135] == 'a';
    EXPECT_EQ(lasting.find(as_bytes(data)).pattern == 0, expected);
    EXPECT_EQ(fresh.find(as_bytes(data)).pattern == 0, expected);
    EXPECT_LE(lasting.states(), Automaton::kMaxStates);
  }
}

TEST(Filetype, EverySignatureCompilesAndIsNotTooLarge) {
  for (const Signature& s : signatures()) EXPECT_LT(Pattern(s.pattern).program().size(), 4096u) << s.mime_type;
}

TEST(Filetype, CommonTypes) {
  EXPECT_EQ(type("%PDF-1.4\n"), "application/pdf");
  EXPECT_EQ(type("\x89PNG\r\n\x1a\n"), "image/png");
  EXPECT_EQ(type("GIF89a...."), "image/gif");
  EXPECT_EQ(type("\xff\xd8\xff\xe0"), "image/jpeg");
  EXPECT_EQ(type("\x1f\x8b\x08"), "application/x-gzip");
  EXPECT_EQ(type("MZ\x90"), "application/x-dosexec");
  EXPECT_EQ(type("\x7f"s + "ELF\x02\x01"), "");
  EXPECT_EQ(type("\x7f"s + "ELF\x01\x01\x01" + std::string(9, '\0') + "\x02\x00"s), "application/x-executable");
  EXPECT_EQ(type("PK\x03\x04\x14\x00\x00\x00"s), "application/zip");
  EXPECT_EQ(type("PK\x03\x04\x14\x00\x06\x00"s), "application/vnd.openxmlformats-officedocument");
  EXPECT_EQ(type("hello world\n"), "text/plain");
  EXPECT_EQ(type("short"), "");
  EXPECT_EQ(type(""), "");
}

TEST(Filetype, MarkupByStrength) {
  EXPECT_EQ(type("<!DOCTYPE html><html>"), "text/html");
  EXPECT_EQ(type("\n <!-- a comment --> <HTML>"), "text/html");
  EXPECT_EQ(type("<?xml version=\"1.0\"?><html>"), "text/html");
  EXPECT_EQ(type("<?xml version=\"1.0\"?><x/>"), "application/xml");
  EXPECT_EQ(type("<body>"), "text/html");
  EXPECT_EQ(type("{\"a\": 1}"), "text/json");
  EXPECT_EQ(type("[1, 2, 3]"), "text/json");
  EXPECT_EQ(type("some text\n<?php x"), "text/x-php");
  EXPECT_EQ(type("#!/bin/sh\necho\n"), "text/x-shellscript");
}

TEST(Filetype, LongSignaturesOfFixedLayout) {
  std::string tar = "folder/file.txt" + std::string(85, '\0');
  for (const char* field : {"0000644", "0001750", "0001750", "00000000012", "14400000000", "0013240"}) tar += field + "\0"s;
  tar += "0";
  EXPECT_EQ(type(tar), "application/x-tar");
  EXPECT_EQ(type(tar + "more"), "application/x-tar");
  for (size_t n = 0; n < tar.size(); n++) EXPECT_NE(type(tar.substr(0, n)), "application/x-tar") << n;
  for (const size_t at : {size_t{99}, size_t{107}, size_t{120}, tar.size() - 1}) {
    std::string other = tar;
    other[at] = '\x81';
    EXPECT_NE(type(other), "application/x-tar") << at;
  }
  const std::string packet = "G" + std::string(187, '\x81');
  EXPECT_EQ(type(packet + packet + packet + packet), "video/mp2t");
  EXPECT_EQ(type(packet + packet + packet + std::string(188, '\x81')), "");
  EXPECT_EQ(settled_mime_type(as_bytes(tar.substr(0, 120) + std::string(300, 'x'))), std::nullopt);  // text, where nothing stronger comes
  EXPECT_EQ(settled_mime_type(as_bytes(tar + std::string(300, '\0'))), "application/x-tar");
  EXPECT_EQ(settled_mime_type(as_bytes(tar)), std::nullopt);
}

TEST(Filetype, IsSettledWhenNothingCanComeThatIsStronger) {
  const auto settled = [](const std::string& data) { return settled_mime_type(as_bytes(data)); };
  const std::string noise(500, '\x81');
  EXPECT_EQ(settled("\x89PNG" + noise), "image/png");
  EXPECT_EQ(settled("\x89PNG"), std::nullopt);  // signatures that begin at an offset
  EXPECT_EQ(settled("<!DOCTYPE html>" + std::string(500, ' ')), "text/html");
  EXPECT_EQ(settled("\xff\xd8\xff\xe0" + noise), std::nullopt);  // a diff is stronger, and may begin anywhere
  EXPECT_EQ(settled("\xff\xd8\xff\xe0" + std::string(kSniffBytes, '\x81')), "image/jpeg");
  EXPECT_EQ(settled(noise), std::nullopt);
  EXPECT_EQ(settled(std::string(kSniffBytes, '\x81')), "");
}

TEST(Filetype, WhatIsSettledStaysSo) {
  const std::string heads[] = {
      "\x89PNG", "<html>", "\x1f\x8b", "PK\x03\x04", "MZ", "%PDF-1.4", "{\"a\":", "#!/bin/sh", "<?xml version=\"1.0\"", "\xff\xd8"};
  const std::string tails[] = {"--- a\n+++ b\n@@", "<?php ", "<svg", "[version", "P2123  1", "word/", "MICROSOFT PIFEX"};
  for (const std::string& head : heads)
    for (const std::string& tail : tails)
      for (const size_t length : {20u, 369u, 900u}) {
        const std::string begin = head + std::string(length - head.size(), ' ');
        const auto early = settled_mime_type(as_bytes(begin));
        EXPECT_EQ(early.value_or(type(begin + tail)), type(begin + tail)) << head << tail;
      }
}

TEST(Filetype, OfficeDocumentsAreToldFromOtherArchives) {
  const std::string head = "PK\x03\x04"s + std::string(26, 'x');
  EXPECT_EQ(type(head + "[Content_Types].xml..." + head + "word/document.xml"),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document");
  EXPECT_EQ(type(head + "_rels/.rels" + head + "xl/workbook.xml"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
  EXPECT_EQ(type(head + "other.txt"), "application/zip");
}

TEST(Filetype, LooksNoFurtherThanItsLimit) {
  // The tag that would make it HTML lies behind the limit.
  EXPECT_EQ(type(std::string(kSniffBytes, ' ') + "<html>"), "text/plain");
  EXPECT_EQ(type(std::string(kSniffBytes - 6, ' ') + "<html>"), "text/html");
}

}  // namespace
}  // namespace sensor::filetype
