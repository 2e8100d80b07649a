#include "converter/dedupe.h"

#include <algorithm>
#include <utility>

namespace albicilla {

namespace {

constexpr std::size_t kWaitingBudget = std::size_t{4} << 20;

}  // namespace

// Decides on the rows that come back from waiting.
class DedupeSink::Last final : public RowSink {
 public:
  explicit Last(DedupeSink& owner) : owner_(owner) {}
  Status take(const Row& row) override { return owner_.decide(row); }

 private:
  DedupeSink& owner_;
};

DedupeSink::DedupeSink(Dedupe mode, RowSink& next, std::filesystem::path folder)
    : mode_(mode), next_(next), waiting_(kWaitingBudget, std::move(folder)) {}

Status DedupeSink::take(const Row& row) {
  if (mode_ == Dedupe::none || row.prefixes.empty()) return next_.take(row);
  if (mode_ != Dedupe::prefix) return decide(row);
  beginnings_.insert(row.prefixes.begin(), row.prefixes.end() - 1);
  return waiting_.take(row);
}

Status DedupeSink::decide(const Row& row) {
  const Hash128& whole = row.prefixes.back();
  bool repeats = !seen_.insert(whole).second;
  if (mode_ == Dedupe::prefix) repeats = repeats || beginnings_.contains(whole);
  if (mode_ == Dedupe::near && !repeats) {
    repeats = std::any_of(row.near.begin(), row.near.end(),
                          [this](std::uint64_t band) { return bands_.contains(band); });
    if (!repeats) {
      for (const std::uint64_t band : row.near) bands_.emplace(band, 0);
    }
  }
  if (!repeats) return next_.take(row);
  ++left_out_;
  return {};
}

Status DedupeSink::finish() {
  Last last(*this);
  return waiting_.drain(last);
}

}  // namespace albicilla
