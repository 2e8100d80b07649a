// HTTP.md's rows for what clients send, as bytes: written out where the case is one of its kind,
// generated where a rule says "none of these". Shared by the tests of a worker alone and of a
// worker behind another proxy. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace albicilla::support {

struct BadRequest {
  std::string name;
  std::string bytes;
  std::vector<unsigned> statuses;  // any of these is the right answer
};

// By what is wrong with them.
std::vector<BadRequest> bad_lengths();
std::vector<BadRequest> bad_codings();
std::vector<BadRequest> bad_chunks();
std::vector<BadRequest> bad_fields();
std::vector<BadRequest> bad_hosts();
std::vector<BadRequest> bad_targets();
std::vector<BadRequest> bad_request_lines();
// A control character at every place where none may stand.
std::vector<BadRequest> control_characters();

}  // namespace albicilla::support
