#include "converter/steps.h"

#include <algorithm>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "common/base/log.h"
#include "converter/dedupe.h"
#include "converter/group_work.h"
#include "converter/interrupt.h"
#include "converter/manifest.h"
#include "converter/output_set.h"
#include "converter/reading/json_text.h"
#include "converter/reading/log_groups.h"
#include "converter/report.h"
#include "converter/state.h"
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
    log_warning(
        "sessions left out, their log lost lines or was altered or renamed; "
        "--include-poisoned takes them",
        {{"count", tally.poisoned_sessions}});
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
  out << (options.dry_run ? "Would write " : "Wrote ") << outputs.rows() << " records ";
  if (options.single_file && outputs.files().size() == 1) {
    out << "to " << (options.output / outputs.files().front().name).string() << '\n';
  } else {
    out << "across " << outputs.files().size() << " files to " << options.output.string() << '\n';
  }
}

// The compatibility format's single file has its records by day, in the order in which the days
// were first seen.
class ByFirstDay final : public RowSink {
 public:
  ByFirstDay(RowSink& sink, const std::filesystem::path& folder) : sink_(sink), folder_(folder) {}

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

Status run_all(const Run& run, OutputSet& outputs, Tally& tally) {
  const ConvertOptions& options = run.options;
  DedupeSink dedupe(options.dedupe, outputs, options.output);
  Status status;
  if (!options.per_file()) {
    status = run_groups(run, group_by_session(run.files), dedupe, tally);
  } else if (!options.single_file) {
    status = run_groups(run, group_by_file(run.files), dedupe, tally);
  } else {
    ByFirstDay by_day(outputs, options.output);
    status = run_groups(run, group_by_file(run.files), by_day, tally);
    if (status) status = by_day.drain();
  }
  if (!status) return status;
  status = dedupe.finish();
  if (dedupe.left_out() > 0) tally.left_out["dedupe"] += dedupe.left_out();
  tally.rows = outputs.rows();
  return status;
}

Status write_text(const std::filesystem::path& path, const std::string& text) {
  auto file = OutputFile::create(path);
  if (!file) return file.error();
  if (auto status = (*file)->write(text); !status) return status;
  return (*file)->commit();
}

Status write_report(const ConvertOptions& options, const OutputSet& outputs, const Tally& tally) {
  const std::pair<const char*, std::string> files[] = {
      {"report.json", report_json(tally, outputs.files())},
      {"report.txt", report_text(tally, outputs.files())},
      {"tool-usage.csv", tool_usage_csv(tally)}};
  for (const auto& [name, text] : files) {
    if (auto status = write_text(options.output / name, text); !status) return status;
  }
  return {};
}

Status write_manifest(const ConvertOptions& options, const std::vector<LogFile>& inputs,
                      const OutputSet& outputs) {
  std::vector<ManifestOutput> written;
  for (const OutputSet::Written& file : outputs.files()) written.push_back({file.name, file.rows});
  auto text = manifest_json(inputs, options.fingerprint, options.output, written);
  return text ? write_text(options.output / "manifest.json", *text) : Status(text.error());
}

Status write_all(const ConvertOptions& options, const std::vector<LogFile>& inputs,
                 OutputSet& outputs, const Tally& tally) {
  if (options.dry_run) return {};
  if (auto status = outputs.commit(); !status) return status;
  if (!options.rejects.empty()) {
    if (auto status = write_rejects(options.rejects, tally.rejects); !status) return status;
  }
  if (options.report) {
    if (auto status = write_report(options, outputs, tally); !status) return status;
  }
  return options.manifest ? write_manifest(options, inputs, outputs) : Status{};
}

}  // namespace

int convert(const ConvertOptions& options, std::ostream& out) {
  const auto files = find_log_files(options.log_roots());
  if (!files) return failure(files.error(), kExitInput);
  std::error_code error;
  std::filesystem::create_directories(options.output, error);
  if (error) {
    return failure(our_error(options.output.string() + ": " + error.message()), kExitOutput);
  }
  std::optional<OutputSet> outputs;
  Tally tally;
  const RunState state(options.state, options.fingerprint);
  Status status;
  {
    // Most logs have their sessions one after another; the others are converted once more.
    Progress progress(options.progress, files->size());
    for (const Sessions sessions : {Sessions::one_after_another, Sessions::mixed}) {
      outputs.emplace(options);
      tally = {};
      progress.restart();
      status = run_all({options, *files, state, progress, sessions}, *outputs, tally);
      if (!tally.found_mixed) break;
    }
  }
  if (is_interrupted())
    return failure(client_error("interrupted, nothing written"), kExitInterrupted);
  if (!status) return failure(status.error(), kExitOutput);
  warn(tally);
  status = write_all(options, *files, *outputs, tally);
  if (!status) return failure(status.error(), kExitOutput);
  say_what_was_written(options, *outputs, out);
  if (options.dry_run) out << report_text(tally, outputs->files());
  if (tally.unreadable_files > 0) return kExitInput;
  return options.strict && !tally.rejects.empty() ? kExitRejects : kExitOk;
}

}  // namespace albicilla
