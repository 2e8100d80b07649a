#include "converter/viewer/exporter.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

#include "common/base/id128.h"

namespace albicilla::viewer {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kMostRunning = 2;
constexpr std::size_t kMostJobs = 8;
constexpr std::chrono::minutes kMostTime{30};
constexpr std::chrono::hours kKeepTime{1};
constexpr std::size_t kMostMessages = 4000;
constexpr std::size_t kMostFiles = 500;  // of an export with a file for each conversation
constexpr const char* kMessagesFile = ".messages";

constexpr std::array<std::string_view, 16> kFormats = {
    "albicilla",      "openai",    "openai-dpo", "trl",     "trl-prompt-completion",
    "trl-preference", "sharegpt",  "hermes",     "mistral", "bedrock",
    "gemini",         "anthropic", "atif",       "sts",     "otel",
    "parquet"};
constexpr std::array<std::string_view, 4> kViews = {"", "trajectory", "call", "turn"};

bool is_plain(std::string_view word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_./:=+@,").find(c) != std::string_view::npos;
  });
}

Result<pid_t> spawn(const std::vector<std::string>& words, const std::filesystem::path& messages) {
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, messages.c_str(), O_WRONLY | O_CREAT | O_TRUNC,
                                   0600);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  posix_spawn_file_actions_addclosefrom_np(&actions, 3);
  pid_t pid = -1;
  const int code = posix_spawn(&pid, words[0].c_str(), &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (code != 0) return errno_error("start " + words[0], code);
  return pid;
}

std::string end_of_file(const std::filesystem::path& path) {
  std::error_code none;
  const std::uintmax_t bytes = std::filesystem::file_size(path, none);
  std::ifstream file(path, std::ios::binary);
  if (!none && bytes > kMostMessages) {
    file.seekg(static_cast<std::streamoff>(bytes - kMostMessages));
  }
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

Result<ExportWish> parse_export_wish(const Parameters& parameter) {
  auto filter = parse_filter(parameter);
  if (!filter) return filter.error();
  ExportWish wish;
  wish.filter = *filter;
  if (const std::string format = parameter("format"); !format.empty()) wish.format = format;
  wish.view = parameter("view");
  if (std::find(kFormats.begin(), kFormats.end(), wish.format) == kFormats.end()) {
    return client_error("format is not one of the converter's");
  }
  if (std::find(kViews.begin(), kViews.end(), wish.view) == kViews.end()) {
    return client_error("view must be trajectory, call or turn");
  }
  return wish;
}

std::string shell_line(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) {
    if (!line.empty()) line += ' ';
    if (is_plain(word)) {
      line += word;
      continue;
    }
    line += '\'';
    for (const char c : word) line += c == '\'' ? std::string("'\\''") : std::string(1, c);
    line += '\'';
  }
  return line;
}

Exporter::Exporter(Options options) : options_(std::move(options)) {
  std::error_code none;
  std::filesystem::remove_all(options_.work_dir, none);
}

Exporter::~Exporter() {
  for (auto& [id, job] : jobs_) {
    if (job.pid <= 0) continue;
    ::kill(job.pid, SIGTERM);
    int status = 0;
    ::waitpid(job.pid, &status, 0);
  }
  std::error_code none;
  std::filesystem::remove_all(options_.work_dir, none);
}

std::vector<std::string> Exporter::command(const ExportWish& wish,
                                           const std::string& output) const {
  std::vector<std::string> words = {"albicilla-conv", "--logs", options_.root.string(),
                                    "--output",       output,   "--single-file"};
  if (wish.format != "albicilla") {
    words.insert(words.end(), {"--format", wish.format});
  }
  if (!wish.view.empty()) words.insert(words.end(), {"--view", wish.view});
  for (std::string& word : converter_arguments(wish.filter)) words.push_back(std::move(word));
  return words;
}

Result<std::string> Exporter::start(const ExportWish& wish) {
  const std::lock_guard lock(mutex_);
  tidy();
  const auto running =
      std::count_if(jobs_.begin(), jobs_.end(), [](const auto& job) { return job.second.pid > 0; });
  if (static_cast<std::size_t>(running) >= kMostRunning) {
    return client_error("too many exports are running, try again when one has ended");
  }
  const std::string id = hex_text(random_bytes16());
  Job job;
  job.dir = options_.work_dir / id;
  job.begun = Clock::now();
  std::error_code failed;
  std::filesystem::create_directories(job.dir, failed);
  if (failed) return our_error("export: " + job.dir.string() + ": " + failed.message());
  std::filesystem::permissions(options_.work_dir, std::filesystem::perms::owner_all, failed);
  std::vector<std::string> words = command(wish, job.dir.string());
  words[0] = options_.program.string();
  auto pid = spawn(words, job.dir / kMessagesFile);
  if (!pid) return pid.error();
  job.pid = *pid;
  jobs_[id] = job;
  return id;
}

void Exporter::reap(Job& job) {
  if (job.pid <= 0) return;
  if (Clock::now() - job.begun > kMostTime) ::kill(job.pid, SIGKILL);
  int status = 0;
  if (::waitpid(job.pid, &status, WNOHANG) != job.pid) return;
  job.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  job.pid = -1;
}

// Old exports go, and the oldest of too many.
void Exporter::tidy() {
  auto oldest = jobs_.end();
  for (auto it = jobs_.begin(); it != jobs_.end();) {
    reap(it->second);
    const bool ended = it->second.pid <= 0;
    if (ended && Clock::now() - it->second.begun > kKeepTime) {
      std::error_code none;
      std::filesystem::remove_all(it->second.dir, none);
      it = jobs_.erase(it);
      continue;
    }
    if (ended && (oldest == jobs_.end() || it->second.begun < oldest->second.begun)) oldest = it;
    ++it;
  }
  if (jobs_.size() < kMostJobs || oldest == jobs_.end()) return;
  std::error_code none;
  std::filesystem::remove_all(oldest->second.dir, none);
  jobs_.erase(oldest);
}

std::optional<Exporter::State> Exporter::state(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto found = jobs_.find(id);
  if (found == jobs_.end()) return std::nullopt;
  Job& job = found->second;
  reap(job);
  State state;
  state.running = job.pid > 0;
  state.exit_code = job.exit_code;
  state.messages = end_of_file(job.dir / kMessagesFile);
  if (state.running) return state;
  std::error_code none;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(job.dir, none)) {
    const std::string name = entry.path().lexically_relative(job.dir).string();
    if (!entry.is_regular_file(none) || name.starts_with('.')) continue;
    state.files.push_back({name, entry.file_size(none)});
    if (state.files.size() >= kMostFiles) break;
  }
  std::sort(state.files.begin(), state.files.end(),
            [](const File& a, const File& b) { return a.name < b.name; });
  return state;
}

std::optional<std::filesystem::path> Exporter::file(const std::string& id,
                                                    const std::string& name) {
  const auto known = state(id);
  if (!known) return std::nullopt;
  for (const File& file : known->files) {
    if (file.name == name) return options_.work_dir / id / name;
  }
  return std::nullopt;
}

}  // namespace albicilla::viewer
