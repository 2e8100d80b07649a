// What several layouts take from a line's exchange. Pure; views live as long as the line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "sink/layout/layout.h"

namespace albicilla {

class ExchangeFields {
 public:
  explicit ExchangeFields(const LayoutLine& line) : line_(line) {}

  // Raw JSON of the exchange's member, "null" when there is none.
  std::string_view raw(std::string_view name) const;
  // Its text; empty for null and for anything that is no string.
  std::string text(std::string_view name) const;
  std::uint64_t number(std::string_view name) const;
  bool is_true(std::string_view name) const;

  // {"name":"value",…} of the pairs, names in lower case, values of one name joined with ", ".
  std::string headers(std::string_view name) const;
  // The request's own word, else the exchange's; empty when unknown.
  std::string model() const;
  // "openai" or "anthropic", by dialect; empty for others.
  std::string_view provider() const;
  WallTime started_at() const;
  std::uint64_t duration_ms() const;
  const LayoutLine& line() const { return line_; }

 private:
  LayoutLine line_;
};

}  // namespace albicilla
