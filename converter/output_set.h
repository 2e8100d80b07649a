// The files of a dataset: each row goes to the one of its day and split, its provenance beside it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "converter/options.h"
#include "converter/output_file.h"
#include "converter/rows.h"

namespace albicilla {

// Not thread safe. Nothing appears before commit().
class OutputSet final : public RowSink {
 public:
  explicit OutputSet(const ConvertOptions& options) : options_(options) {}

  Status take(const Row& row) override;
  Status commit();

  struct Written {
    std::string name;  // below the output folder
    std::uint64_t rows = 0;
  };
  // In the order of their first rows.
  const std::vector<Written>& files() const { return files_; }
  std::uint64_t rows() const { return rows_; }

 private:
  struct Pair {
    std::unique_ptr<OutputFile> data;
    std::unique_ptr<OutputFile> meta;
    std::size_t number = 0;  // in files_
  };

  std::string name_of(const Row& row) const;
  Result<Pair*> files_for(const Row& row);

  const ConvertOptions& options_;
  std::map<std::string, Pair> open_;  // by name
  std::vector<Written> files_;
  std::uint64_t rows_ = 0;
};

}  // namespace albicilla
