#include "converter/row_stage.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "common/base/bytes.h"
#include "converter/reading/temporary_file.h"

namespace albicilla {

namespace {

constexpr std::size_t kPiece = std::size_t{1} << 20;

}  // namespace

void append_row(std::string& out, const Row& row) {
  const std::size_t before = out.size();
  append_integer(out, std::uint64_t{0});
  append_string(out, row.text);
  append_string(out, row.meta);
  append_string(out, row.day);
  append_string(out, row.session);
  append_string(out, row.id);
  append_integer(out, static_cast<std::uint32_t>(row.prefixes.size()));
  for (const Hash128& prefix : row.prefixes) {
    append_integer(out, prefix.high);
    append_integer(out, prefix.low);
  }
  append_integer(out, static_cast<std::uint32_t>(row.near.size()));
  for (const std::uint64_t band : row.near) append_integer(out, band);
  append_integer(out, row.tokens);
  std::string size;
  append_integer(size, static_cast<std::uint64_t>(out.size() - before - sizeof(std::uint64_t)));
  out.replace(before, size.size(), size);
}

Result<Row> take_row(std::string_view& bytes) {
  ByteReader outer(bytes);
  const auto size = outer.integer<std::uint64_t>();
  ByteReader reader(outer.bytes(size));
  Row row;
  row.text = reader.string();
  row.meta = reader.string();
  row.day = reader.string();
  row.session = reader.string();
  row.id = reader.string();
  const auto prefixes = reader.integer<std::uint32_t>();
  for (std::uint32_t i = 0; reader.ok() && i < prefixes; ++i) {
    const auto high = reader.integer<std::uint64_t>();
    row.prefixes.push_back({high, reader.integer<std::uint64_t>()});
  }
  const auto bands = reader.integer<std::uint32_t>();
  for (std::uint32_t i = 0; reader.ok() && i < bands; ++i) {
    row.near.push_back(reader.integer<std::uint64_t>());
  }
  row.tokens = reader.integer<std::uint64_t>();
  if (!outer.ok() || !reader.finished()) return our_error("a staged row is damaged");
  bytes.remove_prefix(sizeof(std::uint64_t) + size);
  return row;
}

Status read_rows(int fd, std::uint64_t from, std::uint64_t to,
                 const std::function<Status(std::string_view)>& visit) {
  std::string waiting;
  for (;;) {
    std::string_view rest = waiting;
    while (rest.size() >= sizeof(std::uint64_t)) {
      const std::uint64_t size = ByteReader(rest).integer<std::uint64_t>();
      const std::uint64_t behind = rest.size() - sizeof size;
      if (size > behind + (to - from)) return our_error("a staged row is damaged");
      if (size > behind) break;
      const std::string_view row = rest.substr(0, sizeof size + size);
      if (auto status = visit(row); !status) return status;
      rest.remove_prefix(row.size());
    }
    waiting.erase(0, waiting.size() - rest.size());
    if (from == to) return waiting.empty() ? Status{} : our_error("a staged row is damaged");
    const std::size_t before = waiting.size();
    const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, to - from));
    waiting.resize(before + piece);
    auto status = read_all(fd, from, {waiting.data() + before, piece});
    if (!status) return status;
    from += piece;
  }
}

RowStage::RowStage(std::size_t memory_budget, std::filesystem::path folder)
    : budget_(memory_budget), folder_(std::move(folder)) {}

RowStage::~RowStage() {
  if (fd_ >= 0) ::close(fd_);
}

Status RowStage::take(const Row& row) {
  append_row(bytes_, row);
  return bytes_.size() > budget_ ? spill() : Status{};
}

Status RowStage::spill() {
  if (fd_ < 0) {
    auto fd = open_temporary_file(folder_);
    if (!fd) return fd.error();
    fd_ = *fd;
  }
  if (auto status = write_all(fd_, file_size_, bytes_); !status) return status;
  file_size_ += bytes_.size();
  bytes_.clear();
  return {};
}

Status RowStage::drain(RowSink& sink) {
  const auto give = [&sink](std::string_view bytes) -> Status {
    auto row = take_row(bytes);
    return row ? sink.take(*row) : Status(row.error());
  };
  if (auto status = read_rows(fd_, 0, file_size_, give); !status) return status;
  std::string_view rest = bytes_;
  while (!rest.empty()) {
    auto row = take_row(rest);
    if (!row) return row.error();
    if (auto status = sink.take(*row); !status) return status;
  }
  bytes_.clear();
  return {};
}

}  // namespace albicilla
