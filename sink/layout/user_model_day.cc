#include "sink/layout/user_model_day.h"

#include "common/base/digest.h"
#include "common/json/writer.h"
#include "sink/layout/exchange_fields.h"

namespace albicilla {

namespace {

constexpr std::size_t kMostBytes = 100;
constexpr std::size_t kHashDigits = 8;

// Whoever sends a request names the model: whatever could leave the directory or its own file's
// name is replaced, and told apart by a hash. The predecessor replaced '/' and nothing else.
std::string safe_part(std::string_view text) {
  std::string name;
  bool changed = false;
  for (const char c : text) {
    const bool safe = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '_' || (c == '.' && !name.empty());
    changed = changed || (!safe && c != '/');
    name.push_back(safe ? c : '_');
  }
  if (!changed && name.size() <= kMostBytes) return name;
  name.resize(std::min(name.size(), kMostBytes - kHashDigits - 1));
  return name + "~" + hex_prefix(sha256(text), kHashDigits);
}

}  // namespace

std::string user_model_day_file(std::string_view user, std::string_view model,
                                std::string_view day) {
  std::string file = user.empty() ? "" : safe_part(user) + "_";
  file += model.empty() ? "unknown" : safe_part(model);
  file += "_";
  for (const char c : day) {
    if (c != '-') file += c;
  }
  return file + ".jsonl";
}

void derive_user_model_day(const LayoutLine& line, const LayoutLimits& /*limits*/,
                           std::vector<DerivedLine>& out) {
  const ExchangeFields exchange(line);
  const std::string user = exchange.text("user_id");
  DerivedLine& made = out.emplace_back();
  made.file = user_model_day_file(user, exchange.model(), line.day);
  JsonWriter writer(made.text);
  writer.begin_object().key("timestamp").raw(exchange.raw("started_at"));
  writer.key("request").begin_object().key("method").raw(exchange.raw("method"));
  writer.key("path").raw(exchange.raw("path"));
  writer.key("headers").raw(exchange.headers("request_headers"));
  writer.key("body").raw(line.view.request).end_object();
  writer.key("response").begin_object().key("status_code").raw(exchange.raw("status"));
  writer.key("headers").raw(exchange.headers("response_headers"));
  writer.key("body").raw(line.view.response);
  writer.key("streaming").raw(exchange.raw("streaming")).end_object();
  if (!user.empty()) writer.key("user_id").text(user);
  writer.end_object();
  made.text += "\n";
}

}  // namespace albicilla
