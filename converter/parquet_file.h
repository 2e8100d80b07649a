// Writes a Parquet file of text columns: rows are gathered in row groups, each column of a group is
// one zstd page. Debian has no Arrow, and a flat file of strings needs none of it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "converter/output_file.h"

namespace albicilla {

// Not thread safe.
class ParquetFile {
 public:
  explicit ParquetFile(std::unique_ptr<OutputFile> file) : file_(std::move(file)) {}

  // One JSON object whose members are strings; the first row's members are the columns.
  Status add(std::string_view row);
  // Writes what is left and the footer; the file's own commit() makes it appear.
  Status finish();
  OutputFile& file() { return *file_; }

 private:
  struct Column {
    std::string name;
    std::string values;  // of this group: u32 length and bytes each
  };
  struct Chunk {
    std::uint64_t offset = 0;
    std::uint64_t plain_size = 0;
    std::uint64_t size = 0;
  };
  struct Group {
    std::uint64_t rows = 0;
    std::vector<Chunk> chunks;
  };

  Status write(std::string_view bytes);
  Status write_group();
  Status write_chunk(const Column& column, Group& group);
  std::string footer() const;

  std::unique_ptr<OutputFile> file_;
  std::uint64_t offset_ = 0;
  std::vector<Column> columns_;
  std::vector<Group> groups_;
  std::uint64_t rows_ = 0;  // of this group
  std::size_t gathered_ = 0;
};

}  // namespace albicilla
