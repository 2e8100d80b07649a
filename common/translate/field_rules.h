// What becomes of each field of a foreign object: translated elsewhere, dropped with a note because
// it is a hint that changes nothing in the answer's content, or, when no rule names it, refused.
// Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "common/json/tree.h"

namespace albicilla {

// What was dropped or approximated on the way, each thing once.
class Notes {
 public:
  void add(std::string note);
  std::vector<std::string> take() { return std::move(notes_); }

 private:
  std::vector<std::string> notes_;
};

struct FieldRule {
  std::string_view name;
  std::string_view dropped_because = {};  // empty: the field is translated
};

// A refusal: "messages[2].content[0]: images by file id belong to the other provider".
Error refused(std::string_view where, std::string_view why);

// Null members count as absent. `where` names the object, empty for the request itself.
Status check_fields(const Json& object, std::span<const FieldRule> rules, std::string_view where,
                    Notes& notes);

// "where.name", or "name" when `where` is empty; "where[index]".
std::string place(std::string_view where, std::string_view name);
std::string place(std::string_view where, std::size_t index);

}  // namespace albicilla
