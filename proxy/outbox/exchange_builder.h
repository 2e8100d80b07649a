// Puts an exchange together again from its spool entries, in whatever order and however often they
// come: a part is known by its direction and number, the first one found counts. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/record/spool_entry.h"

namespace albicilla {

// One builder per exchange.
class ExchangeBuilder {
 public:
  // An error only for a payload that does not parse; the entry is then as if it were not there.
  Status add(EntryType type, std::string_view payload);

  const std::optional<OpenedFacts>& opened() const { return opened_; }
  const std::optional<AnsweredFacts>& answered() const { return answered_; }
  // When the last part came, since the start.
  Microseconds last_part_at() const { return last_part_at_; }
  // When the first part of the answer came.
  std::optional<Microseconds> first_answer_at() const { return first_answer_at_; }
  // Of the parts that follow one another from the first on. Until finish().
  std::string_view body(Direction direction) const { return of(direction).bytes; }
  std::uint32_t parts(Direction direction) const { return of(direction).next; }

  // Takes the bodies out. An error without `opened` or `closed`. A missing part ends that body, is
  // marked as a truncation and named in `error`.
  Result<ExchangeFacts> finish(const ProducerId& producer);

 private:
  struct Later {
    Microseconds at{0};
    std::string bytes;
  };
  struct Body {
    std::string bytes;  // of the parts 0 .. next - 1
    std::uint32_t next = 0;
    std::vector<AnswerChunk> chunks;       // how those parts were cut
    std::map<std::uint32_t, Later> later;  // parts that came before their predecessors
  };

  Status add_part(std::string_view payload);
  static void append(Body& whole, Microseconds at, std::string_view bytes);
  Body& of(Direction direction) { return bodies_[static_cast<std::size_t>(direction)]; }
  const Body& of(Direction direction) const { return bodies_[static_cast<std::size_t>(direction)]; }

  std::optional<OpenedFacts> opened_;
  std::optional<AnsweredFacts> answered_;
  std::optional<ClosedFacts> closed_;
  std::array<Body, kDirections> bodies_;
  Microseconds last_part_at_{0};
  std::optional<Microseconds> first_answer_at_;
};

}  // namespace albicilla
