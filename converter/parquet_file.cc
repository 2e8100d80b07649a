#include "converter/parquet_file.h"

#include <zstd.h>

#include <algorithm>

#include "common/base/bytes.h"
#include "common/base/version.h"
#include "converter/reading/json_text.h"

namespace albicilla {

namespace {

constexpr std::string_view kMagic = "PAR1";
constexpr std::size_t kGroupSize = std::size_t{4} << 20;
constexpr int kZstdLevel = 3;

// Parquet's numbers for what we use.
constexpr int kByteArray = 6;
constexpr int kRequired = 0;
constexpr int kUtf8 = 0;
constexpr int kPlain = 0;
constexpr int kRle = 3;
constexpr int kZstd = 6;
constexpr int kDataPage = 0;

// Thrift's compact protocol, as much of it as a footer needs.
class Thrift {
 public:
  Thrift& integer(int field, std::uint64_t value) { return header(field, 6).varint(value << 1); }
  Thrift& small(int field, int value) {
    return header(field, 5).varint(static_cast<std::uint64_t>(value) << 1);
  }
  Thrift& text(int field, std::string_view value) { return header(field, 8).bytes(value); }
  Thrift& list(int field, int type, std::size_t size) {
    header(field, 9);
    if (size < 15) {
      out_.push_back(static_cast<char>((size << 4) | static_cast<unsigned>(type)));
      return *this;
    }
    out_.push_back(static_cast<char>(0xF0U | static_cast<unsigned>(type)));
    return varint(size);
  }
  // A struct as a field or, with field 0, as an element of a list.
  Thrift& begin(int field) {
    if (field != 0) header(field, 12);
    outer_.push_back(last_);
    last_ = 0;
    return *this;
  }
  Thrift& end() {
    out_.push_back(0);
    last_ = outer_.back();
    outer_.pop_back();
    return *this;
  }
  Thrift& element(std::string_view value) { return bytes(value); }
  Thrift& element(int value) { return varint(static_cast<std::uint64_t>(value) << 1); }
  // The outermost struct ends.
  std::string finish() {
    out_.push_back(0);
    return std::move(out_);
  }

 private:
  Thrift& header(int field, int type) {
    out_.push_back(static_cast<char>(((field - last_) << 4) | type));
    last_ = field;
    return *this;
  }
  Thrift& varint(std::uint64_t value) {
    while (value >= 0x80) {
      out_.push_back(static_cast<char>(static_cast<std::uint8_t>(value | 0x80U)));
      value >>= 7;
    }
    out_.push_back(static_cast<char>(value));
    return *this;
  }
  Thrift& bytes(std::string_view value) {
    varint(value.size());
    out_ += value;
    return *this;
  }

  std::string out_;
  std::vector<int> outer_;
  int last_ = 0;
};

}  // namespace

Status ParquetFile::write(std::string_view bytes) {
  offset_ += bytes.size();
  return file_->write(bytes);
}

Status ParquetFile::add(std::string_view row) {
  JsonCursor cursor(row);
  RawString key;
  std::size_t place = 0;
  const bool is_first = columns_.empty();
  TextRepairs repairs;
  if (cursor.kind() != JsonKind::object || !cursor.begin_object()) return our_error("not a row");
  while (cursor.next_member(key)) {
    RawString value;
    if (cursor.kind() != JsonKind::string || !cursor.string(value)) {
      return our_error("a Parquet column is no text");
    }
    if (is_first) columns_.push_back({std::string(key.body), {}});
    if (place >= columns_.size() || columns_[place].name != key.body) {
      return our_error("rows of one Parquet file differ in their columns");
    }
    std::string text;
    append_text(text, value, repairs);
    append_string(columns_[place++].values, text);
    gathered_ += text.size() + 4;
  }
  if (place != columns_.size()) return our_error("rows of one Parquet file differ in columns");
  ++rows_;
  return gathered_ < kGroupSize ? Status{} : write_group();
}

Status ParquetFile::write_chunk(const Column& column, Group& group) {
  std::string packed(ZSTD_compressBound(column.values.size()), '\0');
  const std::size_t size = ZSTD_compress(packed.data(), packed.size(), column.values.data(),
                                         column.values.size(), kZstdLevel);
  if (ZSTD_isError(size) != 0) return our_error(ZSTD_getErrorName(size));
  packed.resize(size);
  Thrift page;
  page.small(1, kDataPage).small(2, static_cast<int>(column.values.size()));
  page.small(3, static_cast<int>(size)).begin(5).small(1, static_cast<int>(group.rows));
  page.small(2, kPlain).small(3, kRle).small(4, kRle).end();
  const std::string header = page.finish();
  group.chunks.push_back(
      {offset_, header.size() + column.values.size(), header.size() + packed.size()});
  if (auto status = write(header); !status) return status;
  return write(packed);
}

Status ParquetFile::write_group() {
  if (rows_ == 0) return {};
  if (offset_ == 0) {
    if (auto status = write(kMagic); !status) return status;
  }
  Group group{rows_, {}};
  for (Column& column : columns_) {
    if (auto status = write_chunk(column, group); !status) return status;
    column.values.clear();
  }
  groups_.push_back(std::move(group));
  rows_ = 0;
  gathered_ = 0;
  return {};
}

std::string ParquetFile::footer() const {
  std::uint64_t rows = 0;
  for (const Group& group : groups_) rows += group.rows;
  Thrift meta;
  meta.small(1, 1).list(2, 12, columns_.size() + 1);
  meta.begin(0).text(4, "schema").small(5, static_cast<int>(columns_.size())).end();
  for (const Column& column : columns_) {
    meta.begin(0).small(1, kByteArray).small(3, kRequired).text(4, column.name).small(6, kUtf8);
    meta.begin(10).begin(1).end().end();  // logical type: STRING
    meta.end();
  }
  meta.integer(3, rows).list(4, 12, groups_.size());
  for (const Group& group : groups_) {
    meta.begin(0).list(1, 12, columns_.size());
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const Chunk& chunk = group.chunks[i];
      total += chunk.plain_size;
      meta.begin(0).integer(2, chunk.offset).begin(3).small(1, kByteArray);
      meta.list(2, 5, 1).element(kPlain).list(3, 8, 1).element(columns_[i].name);
      meta.small(4, kZstd).integer(5, group.rows).integer(6, chunk.plain_size);
      meta.integer(7, chunk.size).integer(9, chunk.offset).end().end();
    }
    meta.integer(2, total).integer(3, group.rows).end();
  }
  meta.text(6, std::string("albicilla-conv ") + kVersion);
  return meta.finish();
}

Status ParquetFile::finish() {
  if (auto status = write_group(); !status) return status;
  if (groups_.empty()) return our_error("a Parquet file without rows");
  std::string end = footer();
  const auto size = static_cast<std::uint32_t>(end.size());
  append_integer(end, size);
  end += kMagic;
  return write(end);
}

}  // namespace albicilla
