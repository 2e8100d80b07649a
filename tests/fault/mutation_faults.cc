// Somebody changes a sealed log: albicilla-verify must find every change, with the right kind.
#include <algorithm>

#include "tests/fault/fault_kinds.h"
#include "tests/support/sealed_log.h"

namespace albicilla::fault {
namespace {

constexpr std::uint64_t kMutationsInARun = 50;

void mutate_once(const tests::SealedLog& whole, Campaign& campaign, Outcome& outcome) {
  const tests::SealedLog log(whole);
  const tests::Mutation mutation = tests::mutate(log, campaign.random());
  const tests::Verification said = tests::verify_log(log, mutation.needs_witness);
  ++outcome.faults;
  const bool all_found =
      std::all_of(mutation.kinds.begin(), mutation.kinds.end(), [&](::albicilla::FaultKind kind) {
        return std::any_of(said.faults.begin(), said.faults.end(), [&](const LogFault& fault) {
          return fault.kind == kind && fault.file == mutation.file;
        });
      });
  if (said.exit_code != 1 || !all_found) outcome.problems.push_back("missed: " + mutation.what);
}

}  // namespace

void run_mutations(Campaign& campaign) {
  const tests::SealedLog whole;
  while (campaign.next()) {
    Outcome outcome;
    outcome.runs = 1;
    const tests::Verification clean = tests::verify_log(whole, true);
    if (!clean.faults.empty() || clean.exit_code != 0) {
      outcome.problems.emplace_back("a fault in a log that nobody touched");
    }
    ++outcome.verified;
    while (campaign.wants_more(outcome.faults, kMutationsInARun)) {
      mutate_once(whole, campaign, outcome);
    }
    campaign.add(outcome);
  }
}

}  // namespace albicilla::fault
