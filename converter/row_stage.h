// Rows that wait for their turn: workers finish groups in any order, files get them in one order.
// In memory up to a budget, beyond it in a temporary file without a name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "converter/rows.h"

namespace albicilla {

// The bytes of a row in a stage or a state file.
void append_row(std::string& out, const Row& row);
// The row at the start of `bytes`, which are shortened by it.
Result<Row> take_row(std::string_view& bytes);
// Calls `visit` with the bytes of each row that stands in [from, to) of a file, piece by piece.
Status read_rows(int fd, std::uint64_t from, std::uint64_t to,
                 const std::function<Status(std::string_view)>& visit);

// First filled, then emptied. Belongs to one thread at a time.
class RowStage final : public RowSink {
 public:
  RowStage(std::size_t memory_budget, std::filesystem::path folder);
  RowStage(const RowStage&) = delete;
  RowStage& operator=(const RowStage&) = delete;
  ~RowStage() override;

  Status take(const Row& row) override;
  // Gives all rows to `sink`, in their order.
  Status drain(RowSink& sink);

 private:
  Status spill();

  std::size_t budget_;
  std::filesystem::path folder_;
  std::string bytes_;
  std::uint64_t file_size_ = 0;
  int fd_ = -1;
};

}  // namespace albicilla
