// Where lines go besides the session layout, and in which shape: the formats of the predecessors.
// Everything is derived from the session layout's line by a pure function, so a layout can be made
// anew from the log at any time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/record/log_line.h"

namespace albicilla {

// One line of the session layout, as layouts look at it.
struct LayoutLine {
  std::string_view day;  // of the file that it stands in
  LineView view;
};

enum class PutMethod {
  append,   // behind what the file holds
  replace,  // the whole file
};

struct DerivedLine {
  std::string file;  // relative to the layout's directory
  std::string text;  // with its newline
  PutMethod method = PutMethod::append;
};

// What the predecessors let their users choose.
struct LayoutLimits {
  std::uint64_t field_characters = 2000;  // MAX_LOG_FIELD_SIZE
  bool full_fields = false;               // FULL_TRACE_LOGGING
  std::uint64_t event_chunks = 50;        // MAX_LOG_CHUNKS
  std::uint64_t trace_chunks = 100;
  bool trace_headers = true;
  bool trace_bodies = true;
  std::uint64_t trace_body_bytes = 0;  // a larger body is null; 0: no limit
  std::string messages_file = "message_log.jsonl";
  bool messages_metadata = true;
};

struct Layout {
  std::string_view name;
  void (*derive)(const LayoutLine& line, const LayoutLimits& limits, std::vector<DerivedLine>& out);
  // A file gets no lines after its day; its size need not be remembered then.
  bool file_ends_with_day = false;
  // The limit that says how many chunks of a streamed answer it shows as they came; null: none.
  std::uint64_t LayoutLimits::*chunks = nullptr;
};

}  // namespace albicilla
