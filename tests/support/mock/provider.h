// What all connections of one mock provider share: its journal, its counters, and the way from a
// request to its answer.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "tests/support/mock/answer.h"
#include "tests/support/mock/ask.h"
#include "tests/support/mock/journal.h"
#include "tests/support/mock/request.h"
#include "tests/support/stream_socket.h"

namespace albicilla::mock {

struct Counters {
  std::uint64_t requests = 0;
  std::uint64_t active = 0;  // answers that are under way
  std::uint64_t complete = 0;
  std::uint64_t broken_off = 0;   // by a directive
  std::uint64_t client_gone = 0;  // before the answer was whole
  std::uint64_t connections = 0;
};

struct Provider {
  Journal journal;
  Counters counters;
  Threads threads;
  std::unique_ptr<support::TlsIdentity> tls;

  explicit Provider(const std::string& journal_path) : journal(journal_path) {}
};

// The answer to a request, by its path and directives; `GET /mock/counters` tells the counters.
Answer answer_to(const Request& request, Provider& provider);

}  // namespace albicilla::mock
