#include "converter/steps.h"

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "common/base/log.h"
#include "converter/output_file.h"
#include "converter/reading/line_reader.h"
#include "converter/reading/log_entry.h"
#include "converter/reading/log_files.h"

namespace albicilla {

namespace {

struct Reject {
  std::string file;
  std::uint64_t line = 0;
  std::string reason;
};

// The exchange whose conversation stands for its file.
struct Candidate {
  bool answered = false;
  std::size_t messages = 0;
  WallTime started_at;
  std::string request;
  std::string answer;
};

struct FileOutcome {
  std::optional<Candidate> best;
  std::string day;  // of the first entry
  std::vector<Reject> rejects;
  std::uint64_t entries = 0;
  std::uint64_t other = 0;  // entries that are no chat completions
  bool other_layout = false;
};

bool is_chat(const LogEntry& entry) {
  return !entry.exchange || entry.exchange->dialect.empty() ||
         entry.exchange->dialect == "openai_chat" || entry.exchange->dialect == "passthrough";
}

// Answered before unanswered, then longer, then later.
bool is_better(const Candidate& a, const Candidate& b) {
  return std::tie(a.answered, a.messages, a.started_at) >=
         std::tie(b.answered, b.messages, b.started_at);
}

void consider(const LogEntry& entry, FileOutcome& outcome) {
  const auto messages = is_chat(entry) ? count_chat_messages(entry.request) : std::nullopt;
  if (!messages) {
    ++outcome.other;
    return;
  }
  const std::string_view answer = entry.succeeded() ? answer_of(entry.response) : "";
  Candidate candidate{!answer.empty(), *messages, entry.started_at(), "", ""};
  if (outcome.best && !is_better(candidate, *outcome.best)) return;
  candidate.request = entry.request;
  candidate.answer = answer;
  outcome.best = std::move(candidate);
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r") == std::string_view::npos;
}

Result<FileOutcome> read_log(const LogFile& file) {
  auto source = open_file(file.path);
  if (!source) return source.error();
  LineReader reader(std::move(*source));
  FileOutcome outcome;
  outcome.day = file.day;
  for (;;) {
    const auto line = reader.next();
    if (!line) return line.error();
    if (!*line) return outcome;
    if (is_blank((*line)->text)) continue;
    const auto entry = parse_log_entry((*line)->text);
    if (!entry) {
      if (outcome.entries == 0 && is_other_layout((*line)->text)) {
        outcome.other_layout = true;
        return outcome;
      }
      outcome.rejects.push_back({file.name, (*line)->number, entry.error().message});
      continue;
    }
    ++outcome.entries;
    if (outcome.day.empty()) outcome.day = utc_day(entry->timestamp);
    consider(*entry, outcome);
  }
}

// Records by day, in the order in which the days were first seen.
class DayRecords {
 public:
  void add(const std::string& day, std::string record) {
    const auto [place, is_new] = place_of_.emplace(day, days_.size());
    if (is_new) days_.push_back({day, {}});
    days_[place->second].second.push_back(std::move(record));
    ++count_;
  }
  std::size_t count() const { return count_; }
  const std::vector<std::pair<std::string, std::vector<std::string>>>& days() const {
    return days_;
  }

 private:
  std::map<std::string, std::size_t> place_of_;
  std::vector<std::pair<std::string, std::vector<std::string>>> days_;
  std::size_t count_ = 0;
};

Status append_records(OutputFile& file, const std::vector<std::string>& records) {
  for (const std::string& record : records) {
    if (auto status = file.write(record); !status) return status;
    if (auto status = file.write("\n"); !status) return status;
  }
  return {};
}

Status write_records(const ConvertOptions& options, const DayRecords& records) {
  std::optional<OutputFile> file;
  const auto open = [&](const std::filesystem::path& path) -> Status {
    auto created = OutputFile::create(path);
    if (!created) return created.error();
    file.emplace(std::move(*created));
    return {};
  };
  if (options.single_file) {
    if (auto status = open(options.output / "conversations.jsonl"); !status) return status;
  }
  for (const auto& [day, lines] : records.days()) {
    if (!options.single_file) {
      const auto path = options.by_day == ByDay::flat
                            ? options.output / (day + ".jsonl")
                            : options.output / day / "conversations.jsonl";
      if (auto status = open(path); !status) return status;
    }
    if (auto status = append_records(*file, lines); !status) return status;
    if (options.single_file) continue;
    if (auto status = file->commit(); !status) return status;
    file.reset();
  }
  return options.single_file ? file->commit() : Status{};
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
    if (auto status = file->write(line); !status) return status;
  }
  return file->commit();
}

struct Conversion {
  DayRecords records;
  std::vector<Reject> rejects;
  TextRepairs repairs;
};

void note(const LogFile& file, const FileOutcome& outcome) {
  for (const Reject& reject : outcome.rejects) {
    log_info("line rejected",
             {{"file", reject.file}, {"line", reject.line}, {"reason", reject.reason}});
  }
  if (outcome.other_layout) {
    log_info("file of another layout skipped", {{"file", file.name}});
  } else {
    log_info("file read", {{"file", file.name},
                           {"exchanges", outcome.entries},
                           {"no_chat", outcome.other},
                           {"rejected", outcome.rejects.size()}});
  }
}

Status take_file(const ConvertOptions& options, const LogFile& file, Conversion& conversion) {
  auto outcome = read_log(file);
  if (!outcome) return outcome.error();
  note(file, *outcome);
  for (Reject& reject : outcome->rejects) conversion.rejects.push_back(std::move(reject));
  if (!outcome->best) return {};
  auto record = albicilla_record(outcome->best->request, outcome->best->answer, options.calls,
                                 conversion.repairs);
  if (record) {
    conversion.records.add(outcome->day, std::move(*record));
  } else {
    log_warning("conversation skipped", {{"file", file.name}, {"reason", record.error().message}});
  }
  return {};
}

void warn(const Conversion& conversion) {
  if (!conversion.rejects.empty()) {
    log_warning("lines rejected, -v names them", {{"lines", conversion.rejects.size()}});
  }
  if (conversion.repairs.lone_surrogates > 0) {
    log_warning("lone surrogates written as U+FFFD",
                {{"count", conversion.repairs.lone_surrogates}});
  }
  if (conversion.repairs.duplicate_keys > 0) {
    log_warning("duplicate keys, the last value kept",
                {{"count", conversion.repairs.duplicate_keys}});
  }
}

int failure(const Error& error, int code) {
  log_error(error.message);
  return code;
}

}  // namespace

int convert(const ConvertOptions& options, std::ostream& out) {
  const auto files = find_log_files(options.logs);
  if (!files) return failure(files.error(), kExitInput);
  std::error_code error;
  std::filesystem::create_directories(options.output, error);
  if (error)
    return failure(our_error(options.output.string() + ": " + error.message()), kExitOutput);
  Conversion conversion;
  for (const LogFile& file : *files) {
    if (auto status = take_file(options, file, conversion); !status) {
      return failure(status.error(), kExitInput);
    }
  }
  warn(conversion);
  if (!options.rejects.empty()) {
    if (auto status = write_rejects(options.rejects, conversion.rejects); !status) {
      return failure(status.error(), kExitOutput);
    }
  }
  if (conversion.records.count() == 0) {
    out << "No sessions found to process.\n";
    return kExitOk;
  }
  if (auto status = write_records(options, conversion.records); !status) {
    return failure(status.error(), kExitOutput);
  }
  out << "Wrote " << conversion.records.count() << " records ";
  if (options.single_file) {
    out << "to " << (options.output / "conversations.jsonl").string() << '\n';
  } else {
    out << "across " << conversion.records.days().size() << " files to " << options.output.string()
        << '\n';
  }
  return kExitOk;
}

}  // namespace albicilla
