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
#include "converter/parquet_file.h"
#include "converter/rows.h"

namespace albicilla {

// Not thread safe. Nothing appears before commit(), and never anything of a dry run.
class OutputSet final : public RowSink {
 public:
  explicit OutputSet(const ConvertOptions& options) : options_(options) {}

  Status take(const Row& row) override;
  // All files appear, and those that the format's readers want beside them.
  Status commit();

  struct Written {
    std::string name;  // below the output folder
    std::uint64_t rows = 0;
  };
  // In the order of their first rows.
  const std::vector<Written>& files() const { return files_; }
  std::uint64_t rows() const { return rows_; }
  std::uint64_t bytes() const { return bytes_; }

 private:
  struct Entry {
    std::unique_ptr<OutputFile> data;
    std::unique_ptr<ParquetFile> table;  // instead of `data`
    std::unique_ptr<OutputFile> meta;
    std::size_t number = 0;  // in files_
  };

  std::string name_of(const Row& row) const;
  std::string data_ending() const;
  Result<Entry*> entry_for(const Row& row);
  Result<Entry*> find_entry(const Row& row);
  Status open(const std::string& stem, Entry& entry) const;
  Status write(Entry& entry, const Row& row) const;
  Status write_companions() const;

  const ConvertOptions& options_;
  std::map<std::string, Entry> open_;  // by name
  std::vector<Written> files_;
  Entry* last_ = nullptr;  // of the row before, and its day; only where no more decides
  std::string last_day_;
  std::uint64_t rows_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace albicilla
