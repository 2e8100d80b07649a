// The provider's side of an oracle: one JSON line per request in a file. Lines are gathered and
// written once per round of the loop, so that journalling does not slow a bench down.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/timeline.h"

namespace albicilla::mock {

using JournalFields = std::vector<std::pair<std::string, std::string>>;

struct JournalEntry {
  std::string marker;
  std::string method;
  std::string target;
  std::uint64_t request_bytes = 0;
  std::string request_sha256;
  unsigned status = 0;
  bool stream = false;
  std::uint64_t units = 0;  // events or pieces handed to the socket
  std::uint64_t response_bytes = 0;
  std::string response_sha256;
  std::string text_sha256;       // of the text that the answer adds up to
  JournalFields request_fields;  // of the head, in their order
  JournalFields response_fields;
  support::Timeline timeline;  // when how much of the body was about to be sent
  bool said_all = false;       // no unit was left when it ended
  std::string ending;          // complete, cut, reset, client_gone
};

class Journal {
 public:
  // An empty path journals nothing. Appends to what is there.
  explicit Journal(const std::string& path);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  bool enabled() const { return fd_ >= 0; }
  void add(const JournalEntry& entry);
  void flush();

 private:
  int fd_ = -1;
  std::string waiting_;
};

}  // namespace albicilla::mock
