#include "converter/viewer/session_lines.h"

#include <algorithm>

#include "converter/viewer/tail_reader.h"

namespace albicilla::viewer {
namespace {

// Lines of other sessions in between cost less to read over than a new start does, up to here.
constexpr std::uint64_t kNear = std::uint64_t{1} << 20;

Status find_in_day(Database& database, const std::string& session, SessionLines& lines) {
  auto select = database.prepare(
      "SELECT f.name, e.id & 4294967295, e.offset, e.bytes FROM exchange e"
      " JOIN session s ON s.id=e.session JOIN file f ON f.id=e.id>>32"
      " WHERE s.name=? ORDER BY f.name, e.id");
  if (!select) return select.error();
  select->bind(1, std::string_view(session));
  const std::size_t first = lines.files.size();
  for (;;) {
    auto row = select->step();
    if (!row) return row.error();
    if (!*row) return {};
    const std::string_view name = select->text(0);
    if (lines.files.size() == first || lines.files.back().name != name) {
      lines.files.push_back({std::string(name), {}});
    }
    lines.files.back().places.push_back({static_cast<std::uint64_t>(select->integer(1)),
                                         static_cast<std::uint64_t>(select->integer(2))});
    lines.bytes += static_cast<std::uint64_t>(select->integer(3));
  }
}

// The line at `offset`, with what stands before it read over; nullopt when none begins there.
Result<std::optional<TailLine>> line_at(TailReader& reader, std::uint64_t offset) {
  while (reader.offset() < offset) {
    auto line = reader.next();
    if (!line) return line.error();
    if (!*line) return std::optional<TailLine>();
  }
  if (reader.offset() != offset) return std::optional<TailLine>();
  return reader.next();
}

Status read_file(const std::filesystem::path& root, std::size_t number, const SessionFile& file,
                 TailReader& reader, const TakeLine& take) {
  const std::filesystem::path path = root / file.name;
  std::error_code none;
  const bool plain = std::filesystem::exists(path, none);
  if (Status status = reader.open(path, plain ? file.places.front().offset : 0); !status) {
    return status;
  }
  for (const SessionFile::Place& place : file.places) {
    if (plain && place.offset > reader.offset() + kNear) {
      if (Status status = reader.open(path, place.offset); !status) return status;
    }
    auto line = line_at(reader, place.offset);
    if (!line) return line.error();
    if (!*line || (**line).too_long) continue;
    if (Status status = take(number, place, (**line).text); !status) return status;
  }
  return {};
}

}  // namespace

Result<SessionLines> find_session_lines(DayPool& pool, const std::string& session) {
  SessionLines lines;
  std::vector<std::string> days = pool.days();
  std::reverse(days.begin(), days.end());
  for (const std::string& day : days) {
    auto lease = pool.take(day);
    if (!lease) continue;
    if (Status status = find_in_day(**lease, session, lines); !status) return status.error();
  }
  if (lines.files.empty()) return client_error("no such session");
  return lines;
}

Status read_session_lines(const std::filesystem::path& root, const SessionLines& lines,
                          const TakeLine& take) {
  TailReader reader;
  for (std::size_t i = 0; i < lines.files.size(); ++i) {
    if (Status status = read_file(root, i, lines.files[i], reader, take); !status) return status;
  }
  return {};
}

}  // namespace albicilla::viewer
