// Property: a group that is read as whole, and whose entries all are, is what writing them gives.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "sink/log/commit_entry.h"
#include "sink/log/commit_group.h"

using namespace albicilla;

namespace {

// The entries alone too: almost no input of a fuzzer has a right crc.
void check_entries(std::string_view entries) {
  CommitEntryReader reader(entries);
  std::string again;
  while (!reader.at_end()) {
    const auto entry = reader.next();
    if (!entry) return;
    append_commit_entry(again, *entry);
    if (entries.substr(0, again.size()) != again) std::abort();
  }
  if (again != entries) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(bytes), size);
  check_entries(input);
  const GroupParse parse = parse_group(input);
  if (parse.state == GroupState::whole) {
    std::string group(kGroupHeaderBytes, '\0');
    group += parse.entries;
    seal_group(group, parse.header);
    if (input.substr(0, group.size()) != group) std::abort();
    check_entries(parse.entries);
  }
  if (const auto header = parse_segment_header(input)) {
    if (input.substr(0, kSegmentHeaderBytes) != encode(*header)) std::abort();
  }
  return 0;
}
