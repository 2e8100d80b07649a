// Tools for the rules of a format: walk a row once, know where one stands, say what is wrong in one
// line ("messages[3].role: must be one of ...").
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "converter/format/row_text.h"
#include "converter/reading/json_cursor.h"

namespace albicilla {

// A callable that outlives the call it is given to; never allocates.
template <class Argument>
class Callback {
 public:
  template <class Callable>
  Callback(const Callable& callable)  // NOLINT(google-explicit-constructor)
      : callable_(std::addressof(callable)), call_([](const void* self, Argument argument) {
          (*static_cast<const Callable*>(self))(argument);
        }) {}
  void operator()(Argument argument) const { call_(callable_, argument); }

 private:
  const void* callable_;
  void (*call_)(const void*, Argument);
};

// One walk over one row. Each callback must consume exactly the value that comes next, with the
// calls below. After the first error everything else is a no-op.
class RowCheck {
 public:
  explicit RowCheck(const RowInput& row) : cursor_(row.text, row.known), tools_(row.tools) {}

  // The whole row; the error if anything was wrong.
  Status finish();
  void fail(const std::string& what);
  bool failed() const { return failed_ || cursor_.failed(); }

  JsonKind kind() { return failed_ ? JsonKind::absent : cursor_.kind(); }
  void object(Callback<std::string_view> member);  // is given each key
  void array(Callback<std::size_t> element);       // is given each place
  // Gives the inside of a string as it is written; empty after an error.
  std::string_view string();
  std::string_view string_one_of(std::initializer_list<std::string_view> words);
  std::string_view text();  // a string that is not empty
  void string_or_null();
  void boolean();
  void number();
  std::string_view any();
  void unknown(std::string_view key);  // a member that the format does not have

  // Null when nothing is remembered from row to row.
  KnownTools* known_tools() { return tools_; }
  // Takes `text`, a container that was checked before, if it comes next.
  bool take_known(std::string_view text) { return !failed_ && cursor_.skip_known(text); }
  // What was not walked over yet, from the next value on.
  std::string_view rest() {
    kind();
    return cursor_.rest();
  }

 private:
  // A step on the way from the row to where the check stands; it lies on the stack of the walk.
  struct Step {
    const Step* outer;
    bool is_member;
    std::string_view key;   // of a member
    std::size_t place = 0;  // of an element
  };
  std::string where() const;

  JsonCursor cursor_;
  KnownTools* tools_;
  const Step* where_ = nullptr;
  bool failed_ = false;
  std::string error_;
};

// Fails unless all of `names` are in `seen`.
class Required {
 public:
  explicit Required(std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) names_[count_++] = name;
  }
  void see(std::string_view name);
  void check(RowCheck& check) const;

 private:
  static constexpr std::size_t kMost = 16;
  std::array<std::string_view, kMost> names_;
  std::size_t count_ = 0;
  std::uint32_t seen_ = 0;  // a bit for each name
};

}  // namespace albicilla
