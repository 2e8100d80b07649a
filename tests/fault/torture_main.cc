// torture: lets faults happen to whole pipelines under marked load and prints one report. Exit 0
// only when nothing was lost, doubled, changed or made up.
#include <algorithm>
#include <iomanip>
#include <iostream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "tests/fault/fault_kinds.h"

namespace albicilla::fault {
namespace {

using Clock = std::chrono::steady_clock;

struct Request {
  std::uint64_t seed = 1;
  std::uint64_t minutes = 0;  // 0: as long as it takes
  std::optional<std::uint64_t> run;
  bool is_sample = false;
  unsigned jobs = 1;
  std::uint64_t faults = 0;  // of each kind; 0: as the kind says
  std::vector<std::string> kinds;

  bool wants(const TortureKind& kind) const {
    return kinds.empty() || std::find(kinds.begin(), kinds.end(), kind.name) != kinds.end();
  }
};

std::string seconds(milliseconds time) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(1) << static_cast<double>(time.count()) / 1000;
  return text.str();
}

milliseconds quantile(std::vector<milliseconds> times, double share) {
  std::sort(times.begin(), times.end());
  return times[static_cast<std::size_t>(share * static_cast<double>(times.size() - 1))];
}

void print_row(const std::string& kind, const Outcome& outcome) {
  const auto& verdict = outcome.verdict;
  std::cout << std::left << std::setw(13) << kind << std::right << std::setw(7) << outcome.faults
            << std::setw(6) << outcome.runs << std::setw(9) << verdict.requests << std::setw(9)
            << verdict.answered << std::setw(8) << verdict.interrupted << std::setw(8)
            << verdict.lines << std::setw(6) << verdict.lost << std::setw(5) << verdict.duplicate
            << std::setw(5) << verdict.corrupt << std::setw(5) << verdict.phantom << std::setw(6)
            << outcome.gaps.lines - outcome.gaps.repeats;
  if (outcome.recoveries.empty()) {
    std::cout << std::setw(17) << "-";
  } else {
    const std::string times = seconds(quantile(outcome.recoveries, 0.5)) + " / " +
                              seconds(quantile(outcome.recoveries, 1.0));
    std::cout << std::setw(17) << times;
  }
  std::cout << "  " << (outcome.sound() ? "sound" : "NOT SOUND") << "\n";
}

void print_head(const Request& request) {
  std::cout << "torture, seed " << request.seed << "\n\n"
            << "kind          faults  runs requests answered  broken   lines  LOST  DUP CORR PHAN"
               "  gaps  recovery p50/max\n";
}

void print_foot(const Outcome& all) {
  print_row("all", all);
  std::cout << "\nfaults " << all.faults << ", marked requests " << all.verdict.requests
            << ": LOST " << all.verdict.lost << ", DUPLICATE " << all.verdict.duplicate
            << ", CORRUPT " << all.verdict.corrupt << ", PHANTOM " << all.verdict.phantom << "\n"
            << "albicilla-verify and its ledger agreed in " << all.verified << " runs, /metrics in "
            << all.compared << "\n";
  for (const std::string& note : all.notes) std::cout << note << "\n";
  for (const std::string& problem : all.problems) std::cout << "PROBLEM " << problem << "\n";
}

// What is left of the time is shared by the kinds that are still to come.
Clock::time_point share_of(Clock::time_point end, std::size_t kinds_left) {
  if (end == Clock::time_point::max()) return end;
  return Clock::now() + (end - Clock::now()) / static_cast<int>(kinds_left);
}

int torture(const Request& request) {
  std::vector<const TortureKind*> kinds;
  for (const TortureKind& kind : fault_kinds()) {
    if (request.wants(kind)) kinds.push_back(&kind);
  }
  const auto end = request.minutes == 0 ? Clock::time_point::max()
                                        : Clock::now() + std::chrono::minutes(request.minutes);
  print_head(request);
  Outcome all;
  bool is_sound = true;
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    Effort effort;
    effort.seed = request.seed;
    effort.only_run = request.run;
    effort.is_sample = request.is_sample;
    effort.jobs = request.jobs;
    effort.faults = request.is_sample ? kinds[i]->sample : kinds[i]->all;
    if (request.faults > 0) effort.faults = request.faults;
    effort.until = share_of(end, kinds.size() - i);
    Campaign campaign(kinds[i]->name, effort);
    kinds[i]->run(campaign);
    print_row(kinds[i]->name, campaign.outcome());
    is_sound = is_sound && campaign.outcome().sound();
    all.add(campaign.outcome());
  }
  print_foot(all);
  std::cout << (is_sound ? "SOUND" : "NOT SOUND") << "\n";
  return is_sound ? 0 : 1;
}

std::string list_of_kinds() {
  std::string text = "Kinds:\n";
  for (const TortureKind& kind : fault_kinds()) {
    text += "  " + std::string(kind.name) + ": " + kind.what + " (" +
            (kind.all == kEveryOne ? "every one" : std::to_string(kind.all)) + ", short " +
            std::to_string(kind.sample) + ")\n";
  }
  return text;
}

int parse_and_run(int argc, char** argv) {
  Request request;
  std::vector<std::string> names;
  for (const TortureKind& kind : fault_kinds()) names.emplace_back(kind.name);
  CLI::App app("Lets faults happen to whole pipelines under marked load and judges the log");
  app.footer(list_of_kinds());
  app.add_option("--seed", request.seed, "of all that is random");
  app.add_option("--minutes", request.minutes, "for all kinds together; 0: as long as it takes");
  app.add_option("--kind", request.kinds, "only this kind; repeatable")
      ->check(CLI::IsMember(names));
  app.add_option("--faults", request.faults, "of each kind, instead of what the kind asks for");
  app.add_option("--run", request.run, "only this run of its kind");
  app.add_option("--jobs", request.jobs, "crash points that are tried side by side")
      ->check(CLI::Range(1, 16));
  app.add_flag("--short", request.is_sample, "a few of each kind, as ctest does");
  CLI11_PARSE(app, argc, argv);
  return torture(request);
}

}  // namespace
}  // namespace albicilla::fault

int main(int argc, char** argv) { return albicilla::fault::parse_and_run(argc, argv); }
