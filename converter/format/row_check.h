// Tools for the rules of a format: walk a row once, know where one stands, say what is wrong in one
// line ("messages[3].role: must be one of ...").
#pragma once

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "converter/format/row_text.h"
#include "converter/reading/json_cursor.h"

namespace albicilla {

// One walk over one row. Each callback must consume exactly the value that comes next, with the
// calls below. After the first error everything else is a no-op.
class RowCheck {
 public:
  explicit RowCheck(const RowInput& row) : cursor_(row.text, row.known) {}

  // The whole row; the error if anything was wrong.
  Status finish();
  void fail(const std::string& what);
  bool failed() const { return failed_ || cursor_.failed(); }

  JsonKind kind() { return failed_ ? JsonKind::absent : cursor_.kind(); }
  void object(const std::function<void(std::string_view key)>& member);
  void array(const std::function<void(std::size_t place)>& element);
  // Gives the inside of a string as it is written; empty after an error.
  std::string_view string();
  std::string_view string_one_of(std::initializer_list<std::string_view> words);
  std::string_view text();  // a string that is not empty
  void string_or_null();
  void boolean();
  void number();
  std::string_view any();
  void unknown(std::string_view key);  // a member that the format does not have

 private:
  JsonCursor cursor_;
  std::string where_;
  bool failed_ = false;
  std::string error_;
};

// Fails unless all of `names` are in `seen`.
class Required {
 public:
  explicit Required(std::initializer_list<std::string_view> names) : names_(names) {}
  void see(std::string_view name);
  void check(RowCheck& check) const;

 private:
  std::vector<std::string_view> names_;
  std::vector<std::string_view> seen_;
};

}  // namespace albicilla
