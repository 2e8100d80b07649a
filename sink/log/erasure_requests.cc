#include "sink/log/erasure_requests.h"

#include "common/base/id128.h"
#include "common/json/walk.h"
#include "common/json/writer.h"
#include "sink/layout/session.h"
#include "sink/log/identity.h"

namespace albicilla {

namespace {

constexpr std::string_view kWaiting = ".json";
constexpr std::string_view kDone = ".done";
constexpr std::size_t kMostBytes = std::size_t{1} << 20;

std::string text_of(const ErasureRequest& request) {
  std::string text;
  JsonWriter writer(text);
  writer.begin_object().key("kind").text(to_string(request.target.kind));
  writer.key("id").text(request.target.id).key("asked_at").text(request.asked_at);
  writer.key("until").text(request.until).key("done_until").text(request.done_until);
  writer.key("lines").number(request.lines).key("files").number(request.files).end_object();
  return text + "\n";
}

Result<ErasureRequest> parse(const std::string& path, std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  ErasureRequest request;
  const auto kind = json_text(json_first_member(text, "kind"));
  const auto id = json_text(json_first_member(text, "id"));
  const auto asked_at = json_text(json_first_member(text, "asked_at"));
  const auto until = json_text(json_first_member(text, "until"));
  const bool known =
      kind && (*kind == to_string(ErasureKind::session) || *kind == to_string(ErasureKind::user));
  if (!known || !id || id->empty() || !until || !is_day_name(*until)) {
    return our_error(path + ": no request to erase a session or a user");
  }
  request.target.kind =
      *kind == to_string(ErasureKind::user) ? ErasureKind::user : ErasureKind::session;
  request.target.id = *id;
  request.asked_at = asked_at.value_or("");
  request.until = *until;
  request.done_until = json_text(json_first_member(text, "done_until")).value_or("");
  request.lines = json_count(json_first_member(text, "lines")).value_or(0);
  request.files = json_count(json_first_member(text, "files")).value_or(0);
  return request;
}

}  // namespace

ErasureRequests::ErasureRequests(FileSystem& files, const std::string& log_root)
    : files_(files), directory_(identity_directory(log_root) + "/erasures") {}

std::string ErasureRequests::path(const std::string& name, std::string_view ending) const {
  return directory_ + "/" + name + std::string(ending);
}

Result<std::string> ErasureRequests::ask(const ErasureTarget& target, const std::string& until,
                                         WallTime now) {
  if (const Status made = files_.make_directories(directory_); !made) return made.error();
  ErasureRequest request;
  request.target = target;
  request.asked_at = iso8601(now);
  request.until = until;
  // Sorted by name is sorted by time.
  request.name = uuid_text(ExchangeIdSource().next(now).bytes);
  if (const Status saved = save(request); !saved) return saved.error();
  return request.name;
}

Result<std::vector<ErasureRequest>> ErasureRequests::waiting() {
  std::vector<ErasureRequest> found;
  const auto facts = files_.look(directory_);
  if (!facts) return facts.error();
  if (!*facts) return found;
  const auto names = files_.list(directory_);
  if (!names) return names.error();
  for (const std::string& name : *names) {
    if (!name.ends_with(kWaiting)) continue;
    const std::string file = directory_ + "/" + name;
    const auto text = read_file(files_, file, kMostBytes);
    if (!text) return text.error();
    auto request = parse(file, *text);
    if (!request) return request.error();
    request->name = name.substr(0, name.size() - kWaiting.size());
    found.push_back(std::move(*request));
  }
  return found;
}

Status ErasureRequests::save(const ErasureRequest& request) {
  return replace_file(files_, path(request.name, kWaiting), text_of(request));
}

Status ErasureRequests::close(const ErasureRequest& request, WallTime now) {
  std::string text;
  JsonWriter writer(text);
  writer.begin_object().key("kind").text(to_string(request.target.kind));
  writer.key("asked_at").text(request.asked_at).key("done_at").text(iso8601(now));
  writer.key("lines").number(request.lines).key("files").number(request.files).end_object();
  const Status written = replace_file(files_, path(request.name, kDone), text + "\n");
  if (!written) return written;
  if (const Status gone = files_.remove(path(request.name, kWaiting)); !gone) return gone;
  return files_.sync_directory(directory_);
}

Result<std::string> ErasureRequests::progress(const std::string& name) {
  const auto all = waiting();
  if (!all) return all.error();
  for (const ErasureRequest& request : *all) {
    if (request.name != name) continue;
    return std::to_string(request.lines) + " lines erased, days up to " + request.until +
           " that are open wait until they are sealed";
  }
  return std::string();
}

Result<std::string> ErasureRequests::outcome(const std::string& name) {
  const auto facts = files_.look(path(name, kDone));
  if (!facts) return facts.error();
  if (!*facts) return std::string();
  return read_file(files_, path(name, kDone), kMostBytes);
}

}  // namespace albicilla
