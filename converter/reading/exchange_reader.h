// Reads what a line says of its exchange. Most of that stood in the line before it, too: members
// with the same bytes are taken over at the speed of a comparison, only the others are walked over.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "converter/reading/json_cursor.h"

namespace albicilla {

// What `exchange` tells of how the exchange went; views into the line, strings without their
// quotes.
struct ExchangeInfo {
  std::string_view id;
  std::string_view dialect;
  std::string_view path;
  std::string_view ending;
  std::string_view model;
  std::string_view user_id;
  std::string_view client_app;
  std::string_view usage;  // raw JSON value
  std::uint64_t seq = 0;
  int status = 0;
  std::optional<WallTime> started_at;
  bool truncated = false;  // the logged copy was cut
};

// Used for line after line; belongs to one thread. What it remembers only saves time.
class ExchangeReader {
 public:
  // Of the object that comes next. When it is not valid JSON the cursor has failed.
  ExchangeInfo read(JsonCursor& cursor);

 private:
  // Which member of ExchangeInfo a value is for; strings come first.
  enum class Use : std::uint8_t {
    id,
    dialect,
    path,
    ending,
    model,
    user_id,
    client_app,
    none,
    usage,
    seq,
    status,
    started_at,
    truncated,
  };
  // Places are counted from the object's brace.
  struct Member {
    std::size_t value;
    std::size_t end;  // behind the value
    Use use;
  };

  // Of the object that is being read: how far it is known to go on as the last one did.
  struct Progress {
    const char* begin;     // its brace
    std::size_t next = 0;  // the member of the last object that probably comes
    std::size_t last = 1;  // in the last object, behind the member before that one
    std::size_t same = 0;  // bytes behind those that both have
  };

  static Use use_of(const RawString& key);
  static void put(Use use, std::string_view raw, ExchangeInfo& info);
  void take_known(JsonCursor& cursor, Progress& progress, ExchangeInfo& info);

  std::string text_;             // the last object
  std::vector<Member> members_;  // up to Progress::next those of the object that is being read
};

}  // namespace albicilla
