#include "tests/fault/shim_plan.h"

#include <cstring>
#include <filesystem>
#include <utility>

namespace albicilla::fault {

namespace {

const char* name_of(Role role) {
  switch (role) {
    case Role::worker:
      return "worker";
    case Role::sink:
      return "sink";
    case Role::both:
      break;
  }
  return "both";
}

}  // namespace

ShimPlan::ShimPlan(Role role, std::string directory, const std::string& words)
    : role_(role), directory_(std::move(directory)) {
  set(words);
}

std::vector<std::string> ShimPlan::environment() const {
  return {"LD_PRELOAD=" FAULT_SHIM, std::string("FAULT_ROLE=") + name_of(role_),
          "FAULT_PREFIX=" + directory_, "FAULT_PLAN=" + scratch_.path("plan")};
}

void ShimPlan::set(const std::string& words) const {
  std::filesystem::remove(scratch_.path("plan.fired"));
  tests::write_whole_file(scratch_.path("plan"), words + "\n");
}

bool ShimPlan::fired() const { return std::filesystem::exists(scratch_.path("plan.fired")); }

std::uint64_t ShimPlan::calls() const {
  const std::string bytes = tests::bytes_of_file(scratch_.path("plan.calls"));
  std::uint64_t count = 0;
  if (bytes.size() == sizeof count) std::memcpy(&count, bytes.data(), sizeof count);
  return count;
}

}  // namespace albicilla::fault
