#include "dpi/filetype/pattern.h"

#include <array>
#include <cassert>
#include <string>
#include <utility>

namespace sensor::filetype {
namespace {

struct Fragment {
  std::string_view name, text;
};

/// What many patterns begin with.
constexpr std::array kFragments{
    Fragment{"bom", R"((\xef\xbb\xbf|\xff\xfe|\xfe\xff)?)"},
    Fragment{"prolog", R"((\b*(<!--.*-->)?\b*)*(<\?xml .*\?>)?(\b*(<!--.*-->)?\b*)*)"},
    Fragment{"shebang", R"(#![^\n]{1,15}bin/(env\s+)?)"},
    Fragment{"zip_mimetype", R"(PK\x03\x04.{22}\x08\x00\x00\x00mimetypeapplication/)"},
    Fragment{"oasis", R"({zip_mimetype}vnd\.oasis\.opendocument\.)"},
    Fragment{"ooxml", R"(\[Content_Types\]\.xml|_rels/\.rels)"},
    Fragment{"setup", R"(`(\r\n|;|\[|\xff\xfe).*\[)"},
    Fragment{"jp2", R"(\x00\x00\x00\x0cjP  \r\n\x87\n.{8})"},
};

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}
constexpr uint8_t byte(char c) {
  return static_cast<uint8_t>(c);
}
bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/// Replaces {name} by the fragment's text, until none is left.
std::string expand(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    const bool brace = text[i] == '{' && i + 1 < text.size() && text[i + 1] >= 'a' && text[i + 1] <= 'z' && (i == 0 || text[i - 1] != '\\');
    if (!brace) {
      out += text[i++];
      continue;
    }
    size_t end = i + 1;
    while (end < text.size() && is_name(text[end])) end++;
    const std::string_view name = text.substr(i + 1, end - i - 1);
    const Fragment* found = nullptr;
    for (const Fragment& f : kFragments)
      if (f.name == name) found = &f;
    assert(found != nullptr && "unknown fragment");
    if (found != nullptr) out += expand(found->text);
    i = end + 1;
  }
  return out;
}

}  // namespace

/// Recursive descent over the pattern's text; emits the program as it goes.
class PatternCompiler {
 public:
  PatternCompiler(Pattern& out, std::string_view text) : out_(out), text_(text) {}

  void run() {
    alternatives();
    assert(pos_ == text_.size() && "unbalanced pattern");
    emit({Pattern::Step::Accept});
  }

 private:
  using Step = Pattern::Step;

  bool at_end() const { return pos_ >= text_.size(); }
  uint16_t here() const { return static_cast<uint16_t>(out_.program_.size()); }
  uint16_t emit(Step s) {
    assert(out_.program_.size() < 0xffff);
    out_.program_.push_back(s);
    return static_cast<uint16_t>(out_.program_.size() - 1);
  }
  void emit_set(const Pattern::Set& set) {
    for (size_t i = 0; i < out_.sets_.size(); i++) {
      if (out_.sets_[i] != set) continue;
      emit({Step::Byte, static_cast<uint16_t>(i)});
      return;
    }
    out_.sets_.push_back(set);
    emit({Step::Byte, static_cast<uint16_t>(out_.sets_.size() - 1)});
  }

  void alternatives() {
    std::vector<uint16_t> jumps;
    uint16_t split = here();
    // The split is put in front of each branch before it is known whether another one follows: one unused step is cheap.
    emit({Step::Split});
    sequence();
    while (!at_end() && text_[pos_] == '|') {
      pos_++;
      jumps.push_back(emit({Step::Jump}));
      patch_split(split, here());
      split = emit({Step::Split});
      sequence();
    }
    patch_split(split, static_cast<uint16_t>(split + 1));
    for (uint16_t j : jumps) out_.program_[j].a = here();
  }
  void patch_split(uint16_t at, uint16_t other) {
    out_.program_[at].a = static_cast<uint16_t>(at + 1);
    out_.program_[at].b = other;
  }

  void sequence() {
    while (!at_end() && text_[pos_] != '|' && text_[pos_] != ')') {
      const size_t text_begin = pos_;
      const uint16_t begin = here();
      atom();
      repeat(text_begin, begin);
    }
  }

  void atom() {
    const char c = text_[pos_++];
    if (c == '(') {
      alternatives();
      assert(!at_end() && text_[pos_] == ')');
      pos_++;
    } else if (c == '.') {
      emit_set(Pattern::Set().set());
    } else if (c == '[') {
      bracket();
    } else if (c == '~') {
      for (; text_[pos_] != '~'; pos_++) emit_set(any_case(text_[pos_]));
      pos_++;
    } else if (c == '\\') {
      emit_set(escape());
    } else {
      emit_set(one(c));
    }
  }

  static Pattern::Set one(char c) {
    Pattern::Set s;
    s.set(byte(c));
    return s;
  }
  static Pattern::Set any_case(char c) {
    Pattern::Set s = one(c);
    if (c >= 'a' && c <= 'z') s.set(byte(static_cast<char>(c - 32)));
    return s;
  }
  static Pattern::Set of(std::string_view chars) {
    Pattern::Set s;
    for (char c : chars) s.set(byte(c));
    return s;
  }

  /// What follows a backslash.
  Pattern::Set escape() {
    const char c = text_[pos_++];
    switch (c) {
      case 'x': {
        const int v = hex(text_[pos_]) * 16 + hex(text_[pos_ + 1]);
        assert(v >= 0);
        pos_ += 2;
        return one(static_cast<char>(v));
      }
      case 'r':
        return one('\r');
      case 'n':
        return one('\n');
      case 'b':
        return of(" \t\r\n");
      case 's':
        return of(" \t\r\n\v\f");
      default:
        return one(c);
    }
  }

  uint8_t bracket_char() {
    const char c = text_[pos_++];
    if (c != '\\') return byte(c);
    const Pattern::Set s = escape();
    for (size_t i = 0; i < 256; i++)
      if (s.test(i)) return static_cast<uint8_t>(i);
    return 0;
  }
  void bracket() {
    const bool negated = text_[pos_] == '^';
    if (negated) pos_++;
    Pattern::Set s;
    while (text_[pos_] != ']') {
      const uint8_t low = bracket_char();
      uint8_t high = low;
      if (text_[pos_] == '-' && text_[pos_ + 1] != ']') {
        pos_++;
        high = bracket_char();
      }
      for (unsigned v = low; v <= high; v++) s.set(v);
    }
    pos_++;
    emit_set(negated ? ~s : s);
  }

  struct Count {
    unsigned low = 1, high = 1;
    bool open = false;  // no upper limit
  };
  Count count() {
    const char c = text_[pos_++];
    if (c == '*') return {0, 0, true};
    if (c == '+') return {1, 0, true};
    if (c == '?') return {0, 1, false};
    Count n;
    n.low = number();
    n.high = n.low;
    if (text_[pos_] == ',') {
      pos_++;
      n.open = text_[pos_] == '}';
      if (!n.open) n.high = number();
    }
    pos_++;
    return n;
  }
  unsigned number() {
    unsigned v = 0;
    while (text_[pos_] >= '0' && text_[pos_] <= '9') v = v * 10 + static_cast<unsigned>(text_[pos_++] - '0');
    return v;
  }

  /// Applies a repetition to the atom whose text starts at `text_begin` and whose steps start at `begin`: compiles it again as often as
  /// it is counted.
  void repeat(size_t text_begin, uint16_t begin) {
    if (at_end() || std::string_view("*+?{").find(text_[pos_]) == std::string_view::npos) return;
    const size_t quantifier = pos_;
    const Count n = count();
    const size_t after = pos_;
    out_.program_.resize(begin);
    const auto again = [&] {
      pos_ = text_begin;
      atom();
      assert(pos_ == quantifier);
    };
    for (unsigned i = 0; i < n.low; i++) again();
    if (n.open) {
      const uint16_t split = emit({Step::Split});
      again();
      emit({Step::Jump, split});
      patch_split(split, here());
    } else {
      std::vector<uint16_t> splits;
      for (unsigned i = n.low; i < n.high; i++) {
        splits.push_back(emit({Step::Split}));
        again();
      }
      for (uint16_t s : splits) patch_split(s, here());
    }
    pos_ = after;
  }

  Pattern& out_;
  std::string_view text_;
  size_t pos_ = 0;
};

Pattern::Pattern(std::string_view text) {
  const std::string expanded = expand(text);
  PatternCompiler(*this, expanded).run();
}

/// Without a byte.
Pattern::Reached Pattern::reached_from(size_t step) const {
  Reached r;
  std::vector<bool> seen(program_.size());
  std::vector<size_t> todo{step};
  while (!todo.empty()) {
    const size_t i = todo.back();
    todo.pop_back();
    if (seen[i]) continue;
    seen[i] = true;
    const Step& s = program_[i];
    if (s.kind == Step::Byte) r.bytes.push_back(i);
    if (s.kind == Step::Accept) r.accepts = true;
    if (s.kind == Step::Split || s.kind == Step::Jump) todo.push_back(s.a);
    if (s.kind == Step::Split) todo.push_back(s.b);
  }
  return r;
}

Pattern::Set Pattern::first_bytes() const {
  Set first;
  for (const size_t i : reached_from(0).bytes) first |= sets_[program_[i].a];
  return first;
}

std::vector<Pattern::Set> Pattern::layout() const {
  std::vector<Set> all;
  Reached r = reached_from(0);
  for (; r.bytes.size() == 1 && !r.accepts; r = reached_from(r.bytes[0] + 1)) {
    all.push_back(sets_[program_[r.bytes[0]].a]);
    if (all.size() > program_.size()) return {};  // goes round
  }
  return r.bytes.empty() ? all : std::vector<Set>();
}

bool Pattern::bounded() const {
  for (size_t i = 0; i < program_.size(); i++)
    if (program_[i].kind == Step::Jump && program_[i].a <= i) return false;
  return true;
}

}  // namespace sensor::filetype
