#include "tests/support/load/load.h"

#include <algorithm>

#include "tests/support/json_text.h"

namespace albicilla::support {
namespace {

// Spreads a share evenly over the requests instead of taking the first ones.
bool in_share(std::uint64_t number, unsigned percent) {
  return (number * percent) / 100 != ((number + 1) * percent) / 100;
}

std::int64_t quantile(std::vector<std::int64_t> values, double share) {
  if (values.empty()) return 0;
  const auto at = static_cast<std::size_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(at), values.end());
  return values[at];
}

std::string times_json(const std::vector<std::int64_t>& values) {
  return "{\"p50\":" + std::to_string(quantile(values, 0.5)) +
         ",\"p99\":" + std::to_string(quantile(values, 0.99)) +
         ",\"max\":" + std::to_string(quantile(values, 1.0)) + "}";
}

std::string truth(bool value) { return value ? "true" : "false"; }

}  // namespace

Load::Load(LoadPlan plan) : plan_(std::move(plan)) {
  if (!plan_.journal.empty()) journal_.open(plan_.journal, std::ios::app | std::ios::binary);
}

std::optional<Attempt> Load::next() {
  if (given_ == plan_.requests) return std::nullopt;
  Attempt attempt;
  attempt.number = given_++;
  attempt.marker = plan_.prefix + "-" + std::to_string(attempt.number);
  attempt.stream = in_share(attempt.number, plan_.stream_percent);
  attempt.aborts = in_share(attempt.number, plan_.abort_percent);
  attempt.hangs_up = attempt.stream && in_share(attempt.number, plan_.hang_up_percent);
  attempt.begun = std::chrono::steady_clock::now();
  return attempt;
}

std::string Load::body_of(const Attempt& attempt) const {
  std::string body = "{\"model\":\"gpt-4o-mini\",\"stream\":" + truth(attempt.stream);
  body += ",\"messages\":[{\"role\":\"user\",\"content\":\"[[marker " + attempt.marker + "]]";
  if (!plan_.words.empty()) body += " [[mock " + plan_.words + "]]";
  body += " Good morning, wie geht's? ";
  body.append(plan_.prompt_bytes, 'x');
  return body + "\"}]}";
}

std::string Load::session_of(const Attempt& attempt) const {
  return plan_.prefix + "-session-" + std::to_string(attempt.number % plan_.sessions);
}

void Load::finished(const Attempt& attempt) {
  ++finished_;
  ++statuses_[attempt.status];
  if (attempt.refused) ++refused_;
  if (attempt.left) ++left_;
  if (!attempt.error.empty()) ++errors_[attempt.error];
  if (attempt.complete) {
    ++complete_;
    const auto took = std::chrono::steady_clock::now() - attempt.begun;
    latency_us_.push_back(std::chrono::duration_cast<std::chrono::microseconds>(took).count());
    if (attempt.first_byte) first_byte_us_.push_back(attempt.first_byte->count());
  }
  if (journal_.is_open()) write_journal(attempt);
}

void Load::write_journal(const Attempt& attempt) {
  std::string line = "{\"marker\":" + json_string(attempt.marker);
  line += ",\"session\":" + json_string(session_of(attempt));
  line += ",\"sent\":" + truth(attempt.sent);
  line += ",\"status\":" + std::to_string(attempt.status);
  line += ",\"stream\":" + truth(attempt.stream);
  line += ",\"complete\":" + truth(attempt.complete);
  line += ",\"refused\":" + truth(attempt.refused);
  line += ",\"left\":" + truth(attempt.left);
  line += ",\"request_bytes\":" + std::to_string(attempt.request_bytes);
  line += ",\"request_sha256\":\"" + attempt.request_sha256;
  line += "\",\"response_bytes\":" + std::to_string(attempt.response_bytes);
  // Of a whole answer nobody asks when it came.
  if (!attempt.complete) line += ",\"timeline\":" + timeline_json(attempt.timeline);
  line += ",\"response_sha256\":\"" + attempt.response_sha256;
  line += "\",\"error\":" + json_string(attempt.error) + "}\n";
  journal_ << line;
}

std::string Load::summary() const {
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begun_;
  std::string json = "{\"requests\":" + std::to_string(finished_);
  json += ",\"complete\":" + std::to_string(complete_);
  json += ",\"left\":" + std::to_string(left_);
  json += ",\"refused\":" + std::to_string(refused_);
  json += ",\"seconds\":" + std::to_string(wall.count());
  json += ",\"per_second\":" + std::to_string(static_cast<double>(finished_) / wall.count());
  json += ",\"latency_us\":" + times_json(latency_us_);
  json += ",\"first_byte_us\":" + times_json(first_byte_us_);
  json += ",\"statuses\":{";
  for (const auto& [status, count] : statuses_) {
    if (json.back() != '{') json += ',';
    json += "\"" + std::to_string(status) + "\":" + std::to_string(count);
  }
  json += "},\"errors\":{";
  for (const auto& [error, count] : errors_) {
    if (json.back() != '{') json += ',';
    append_json_string(json, error);
    json += ":" + std::to_string(count);
  }
  return json + "}}";
}

}  // namespace albicilla::support
