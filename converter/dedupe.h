// Leaves out rows that say what another one says. Sees all rows of a run in their final order, so
// the outcome is the same for any number of workers.
#pragma once

#include <cstdint>
#include <filesystem>
#include <unordered_map>
#include <unordered_set>

#include "converter/row_stage.h"
#include "converter/rows.h"

namespace albicilla {

enum class Dedupe : std::uint8_t {
  none,
  exact,   // the same conversation again
  prefix,  // also one that another conversation begins with
  near,    // also one that says almost the same
};

// Not thread safe.
class DedupeSink final : public RowSink {
 public:
  // `next` must outlive this; `folder` takes the temporary file of rows that wait.
  DedupeSink(Dedupe mode, RowSink& next, std::filesystem::path folder);

  Status take(const Row& row) override;
  // Passes on what had to wait until all rows were known.
  Status finish();

  std::uint64_t left_out() const { return left_out_; }

 private:
  class Last;
  Status decide(const Row& row);

  Dedupe mode_;
  RowSink& next_;
  RowStage waiting_;
  std::unordered_set<Hash128> seen_;
  std::unordered_set<Hash128> beginnings_;  // of all rows, without their last turns
  std::unordered_map<std::uint64_t, std::uint64_t> bands_;
  std::uint64_t left_out_ = 0;
};

}  // namespace albicilla
