// Paths of redaction rules: parsing them, and following them down a JSON value. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace albicilla {

struct PathStep {
  enum class Kind { member, any_member, element, any_element, any_depth };
  Kind kind = Kind::member;
  std::string name;       // of a member
  std::size_t index = 0;  // of an element
};

// "request.messages[*].content", "**.email". The error says what is wrong with it.
Result<std::vector<PathStep>> parse_path(std::string_view path);

// How far a path has been followed: the steps that may come next. Small, copied on the way down.
class PathProgress {
 public:
  // `steps` must outlive it. At the start nothing has been followed.
  explicit PathProgress(const std::vector<PathStep>& steps);

  PathProgress member(std::string_view name) const;
  PathProgress element(std::size_t index) const;
  bool arrived() const;
  bool lost() const { return places_.empty(); }

 private:
  void add(std::size_t place);

  const std::vector<PathStep>* steps_;
  std::vector<std::size_t> places_;
};

}  // namespace albicilla
