// What one line of the log claims, as far as an oracle can check it: taken from the line's text by
// code of its own, so that a fault in the product's reader cannot hide one in its writer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace albicilla::fault {

struct LineEvidence {
  std::string where;   // file:line
  std::string marker;  // from the request's text; empty when it has none
  std::string session;
  std::string exchange_id;
  std::string producer;
  std::uint64_t seq = 0;
  std::string ending;
  std::uint64_t status = 0;
  bool streaming = false;
  std::uint64_t request_bytes = 0;
  std::uint64_t response_bytes = 0;
  std::string request_sha256;   // of the request as it stands in the line
  std::string response_sha256;  // of the response as it stands in the line
  std::string text_sha256;      // of the first choice's text and the arguments of its calls
  std::string fault;            // why the line is no line of ours; empty when it is one
};

LineEvidence read_line(std::string_view line, std::string where);

// The top-level members of a JSON object as they stand in its text, in their order; nullopt when
// the text is no object. The text must be valid JSON.
struct Member {
  std::string_view name;  // escaped, as it stands there
  std::string_view text;
};
std::optional<std::vector<Member>> members_of(std::string_view object);

// Every *.jsonl below `root` whose name and folders begin with no dot.
std::vector<LineEvidence> read_log_root(const std::string& root);

// What the log itself says is missing.
struct NamedGaps {
  std::uint64_t lines = 0;
  std::uint64_t exchanges = 0;  // of gaps that know how many
  std::uint64_t unknown = 0;    // gaps that do not
  std::uint64_t repeats = 0;    // records found again, whose line was there: nothing is missing
  bool cover(std::uint64_t missing) const { return missing <= exchanges || unknown > 0; }
};
NamedGaps read_gaps(const std::string& root);

}  // namespace albicilla::fault
