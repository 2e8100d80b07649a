// The judge of every fault test: joins what the client got, what the provider answered and what the
// log holds by the marker of each request. Pure; oracle_main.cc reads the files.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/fault/log_evidence.h"
#include "tests/support/timeline.h"

namespace albicilla::fault {

// One line of the load client's journal.
struct ClientEvidence {
  std::string marker;
  std::uint64_t status = 0;
  bool sent = false;
  bool complete = false;
  bool refused = false;
  std::string request_sha256;
  std::uint64_t response_bytes = 0;
  std::string response_sha256;
  std::string session{};
  support::Timeline timeline{};  // of an answer that is not whole: when its bytes came
};

// One line of the mock provider's journal.
struct ProviderEvidence {
  std::string marker;
  std::uint64_t status = 0;
  bool stream = false;
  std::string request_sha256;
  std::uint64_t response_bytes = 0;
  std::string response_sha256;
  std::string text_sha256;
  std::string ending;
  bool said_all = false;         // whatever the ending: every event was written
  support::Timeline timeline{};  // when the bytes were sent
};

struct Finding {
  std::string kind;    // LOST, DUPLICATE, CORRUPT, PHANTOM
  std::string detail;  // where and what
};

struct Verdict {
  std::uint64_t requests = 0;     // in the client's journal
  std::uint64_t answered = 0;     // completely, by the upstream
  std::uint64_t refused = 0;      // by the proxy itself
  std::uint64_t interrupted = 0;  // begun, but not answered whole: what is there must be kept
  std::uint64_t lines = 0;
  std::uint64_t lost = 0;       // answered or begun, but no line
  std::uint64_t duplicate = 0;  // lines beyond the first of an exchange
  std::uint64_t corrupt = 0;    // a line that says something else than the journals
  std::uint64_t phantom = 0;    // a line of a request that was never sent or never so answered
  std::vector<Finding> findings;

  bool sound() const { return lost + duplicate + corrupt + phantom == 0; }
  std::string text() const;
};

Verdict judge(const std::vector<ClientEvidence>& client,
              const std::vector<ProviderEvidence>& provider,
              const std::vector<LineEvidence>& lines);

std::vector<ClientEvidence> read_client_journal(const std::string& path);
std::vector<ProviderEvidence> read_provider_journal(const std::string& path);

}  // namespace albicilla::fault
