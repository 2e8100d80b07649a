#include "converter/steps.h"

#include <algorithm>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "common/base/log.h"
#include "converter/group_work.h"
#include "converter/output_set.h"
#include "converter/reading/json_text.h"
#include "converter/reading/log_groups.h"
#include "converter/workers.h"

namespace albicilla {

namespace {

int failure(const Error& error, int code) {
  log_error(error.message);
  return code;
}

Status write_rejects(const std::filesystem::path& path, const std::vector<Reject>& rejects) {
  auto file = OutputFile::create(path);
  if (!file) return file.error();
  for (const Reject& reject : rejects) {
    std::string line = R"({"file": ")";
    append_escaped(line, reject.file);
    line += R"(", "line": )" + std::to_string(reject.line) + R"(, "reason": ")";
    append_escaped(line, reject.reason);
    line += "\"}\n";
    if (auto status = (*file)->write(line); !status) return status;
  }
  return (*file)->commit();
}

void warn(const Tally& tally) {
  if (!tally.rejects.empty()) {
    log_warning("lines and rows rejected, -v names them", {{"count", tally.rejects.size()}});
  }
  if (tally.poisoned_sessions > 0) {
    log_warning("sessions with a broken hash chain left out", {{"count", tally.poisoned_sessions}});
  }
  if (tally.lone_surrogates > 0) {
    log_warning("lone surrogates written as U+FFFD", {{"count", tally.lone_surrogates}});
  }
  if (tally.duplicate_keys > 0) {
    log_warning("duplicate keys, the last value kept", {{"count", tally.duplicate_keys}});
  }
}

void say_what_was_written(const ConvertOptions& options, const OutputSet& outputs,
                          std::ostream& out) {
  if (outputs.rows() == 0) {
    out << "No sessions found to process.\n";
    return;
  }
  out << "Wrote " << outputs.rows() << " records ";
  if (options.single_file) {
    out << "to " << (options.output / outputs.files().front().name).string() << '\n';
  } else {
    out << "across " << outputs.files().size() << " files to " << options.output.string() << '\n';
  }
}

// The compatibility format's single file has its records by day, in the order in which the days
// were first seen.
class ByFirstDay final : public RowSink {
 public:
  explicit ByFirstDay(RowSink& sink, const std::filesystem::path& folder)
      : sink_(sink), folder_(folder) {}

  Status take(const Row& row) override {
    const auto day = std::find(days_.begin(), days_.end(), row.day);
    if (day != days_.end() && day + 1 == days_.end()) return put(days_.size() - 1, row);
    if (day != days_.end()) return put(static_cast<std::size_t>(day - days_.begin()), row);
    days_.push_back(row.day);
    stages_.push_back(std::make_unique<RowStage>(kBudget, folder_));
    return put(days_.size() - 1, row);
  }

  Status drain() {
    for (const auto& stage : stages_) {
      if (auto status = stage->drain(sink_); !status) return status;
    }
    return {};
  }

 private:
  static constexpr std::size_t kBudget = std::size_t{1} << 20;

  Status put(std::size_t day, const Row& row) { return stages_[day]->take(row); }

  RowSink& sink_;
  std::filesystem::path folder_;
  std::vector<std::string> days_;
  std::vector<std::unique_ptr<RowStage>> stages_;
};

Status run_all(const ConvertOptions& options, const std::vector<LogFile>& files, OutputSet& outputs,
               Tally& tally) {
  if (!options.per_file()) {
    return run_groups(options, files, group_by_session(files), outputs, tally);
  }
  const std::vector<LogGroup> groups = group_by_file(files);
  if (!options.single_file) return run_groups(options, files, groups, outputs, tally);
  ByFirstDay by_day(outputs, options.output);
  if (auto status = run_groups(options, files, groups, by_day, tally); !status) return status;
  return by_day.drain();
}

}  // namespace

int convert(const ConvertOptions& options, std::ostream& out) {
  const auto files = find_log_files(options.logs);
  if (!files) return failure(files.error(), kExitInput);
  std::error_code error;
  std::filesystem::create_directories(options.output, error);
  if (error) {
    return failure(our_error(options.output.string() + ": " + error.message()), kExitOutput);
  }
  OutputSet outputs(options);
  Tally tally;
  if (auto status = run_all(options, *files, outputs, tally); !status) {
    return failure(status.error(), kExitOutput);
  }
  warn(tally);
  if (!options.rejects.empty()) {
    if (auto status = write_rejects(options.rejects, tally.rejects); !status) {
      return failure(status.error(), kExitOutput);
    }
  }
  if (auto status = outputs.commit(); !status) return failure(status.error(), kExitOutput);
  say_what_was_written(options, outputs, out);
  if (tally.unreadable_files > 0) return kExitInput;
  return options.strict && !tally.rejects.empty() ? kExitRejects : kExitOk;
}

}  // namespace albicilla
