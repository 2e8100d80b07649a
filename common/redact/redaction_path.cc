#include "common/redact/redaction_path.h"

#include <algorithm>
#include <charconv>

namespace albicilla {

namespace {

constexpr std::size_t kMostSteps = 64;

// Takes "[*]" or "[3]" from the front of `rest`.
Result<PathStep> take_element(std::string_view& rest) {
  const std::size_t close = rest.find(']');
  if (close == std::string_view::npos) return client_error("'[' without ']'");
  const std::string_view inside = rest.substr(1, close - 1);
  rest.remove_prefix(close + 1);
  PathStep step;
  step.kind = PathStep::Kind::any_element;
  if (inside == "*") return step;
  step.kind = PathStep::Kind::element;
  const auto parsed = std::from_chars(inside.data(), inside.data() + inside.size(), step.index);
  if (parsed.ec != std::errc{} || parsed.ptr != inside.data() + inside.size()) {
    return client_error("expected '*' or a number between brackets");
  }
  return step;
}

PathStep take_member(std::string_view& rest) {
  const std::size_t end = std::min(rest.find_first_of(".["), rest.size());
  const std::string_view name = rest.substr(0, end);
  rest.remove_prefix(end);
  PathStep step;
  if (name == "*") {
    step.kind = PathStep::Kind::any_member;
  } else if (name == "**") {
    step.kind = PathStep::Kind::any_depth;
  } else {
    step.name = name;
  }
  return step;
}

}  // namespace

Result<std::vector<PathStep>> parse_path(std::string_view path) {
  std::vector<PathStep> steps;
  std::string_view rest = path;
  while (!rest.empty()) {
    if (rest.front() == '[') {
      auto step = take_element(rest);
      if (!step) return step.error();
      steps.push_back(std::move(*step));
    } else {
      PathStep step = take_member(rest);
      if (step.kind == PathStep::Kind::member && step.name.empty()) {
        return client_error("expected a member's name");
      }
      steps.push_back(std::move(step));
    }
    if (rest.starts_with('.')) {
      rest.remove_prefix(1);
      if (rest.empty()) return client_error("expected a member's name after the last '.'");
    } else if (!rest.empty() && rest.front() != '[') {
      return client_error("expected '.' or '['");
    }
  }
  if (steps.size() > kMostSteps) return client_error("more than 64 steps");
  return steps;
}

PathProgress::PathProgress(const std::vector<PathStep>& steps) : steps_(&steps) { add(0); }

// A step of any depth may also be none at all.
void PathProgress::add(std::size_t place) {
  if (std::find(places_.begin(), places_.end(), place) != places_.end()) return;
  places_.push_back(place);
  if (place < steps_->size() && (*steps_)[place].kind == PathStep::Kind::any_depth) add(place + 1);
}

bool PathProgress::arrived() const {
  return std::find(places_.begin(), places_.end(), steps_->size()) != places_.end();
}

PathProgress PathProgress::member(std::string_view name) const {
  PathProgress next = *this;
  next.places_.clear();
  for (const std::size_t place : places_) {
    if (place == steps_->size()) continue;
    const PathStep& step = (*steps_)[place];
    if (step.kind == PathStep::Kind::any_depth) next.add(place);
    if (step.kind == PathStep::Kind::any_member ||
        (step.kind == PathStep::Kind::member && step.name == name)) {
      next.add(place + 1);
    }
  }
  return next;
}

PathProgress PathProgress::element(std::size_t index) const {
  PathProgress next = *this;
  next.places_.clear();
  for (const std::size_t place : places_) {
    if (place == steps_->size()) continue;
    const PathStep& step = (*steps_)[place];
    if (step.kind == PathStep::Kind::any_depth) next.add(place);
    if (step.kind == PathStep::Kind::any_element ||
        (step.kind == PathStep::Kind::element && step.index == index)) {
      next.add(place + 1);
    }
  }
  return next;
}

}  // namespace albicilla
