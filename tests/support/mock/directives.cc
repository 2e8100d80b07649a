#include "tests/support/mock/directives.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <functional>

#include "tests/support/http_framing.h"

namespace albicilla::mock {
namespace {

using support::parse_number;

// The last "[[word …]]" of a body; the newest message of a conversation stands last.
std::string_view last_note(std::string_view body, std::string_view opening) {
  std::string_view found;
  std::size_t at = body.find(opening);
  while (at != std::string_view::npos) {
    const std::size_t start = at + opening.size();
    const std::size_t end = body.find("]]", start);
    if (end == std::string_view::npos) break;
    found = body.substr(start, end - start);
    at = body.find(opening, end);
  }
  return found;
}

struct Flag {
  std::string_view name;
  bool Directives::*member;
};
constexpr std::array kFlags = {
    Flag{"drop", &Directives::drop},
    Flag{"bad_json", &Directives::bad_json},
    Flag{"no_done", &Directives::no_done},
    Flag{"crlf", &Directives::crlf},
    Flag{"batch", &Directives::batch},
    Flag{"close", &Directives::close},
    Flag{"until_close", &Directives::until_close},
    Flag{"reasoning", &Directives::reasoning},
    Flag{"refusal", &Directives::refusal},
    Flag{"logprobs", &Directives::logprobs},
    Flag{"echo_body", &Directives::echo_body},
    Flag{"chunked", &Directives::chunked},
    Flag{"trailers", &Directives::trailers},
};

struct Count {
  std::string_view name;
  std::uint64_t Directives::*member;
};
constexpr std::array kCounts = {
    Count{"early_hints", &Directives::early_hints},
    Count{"events", &Directives::events},
    Count{"event_bytes", &Directives::event_bytes},
    Count{"body_bytes", &Directives::body_bytes},
    Count{"tools", &Directives::tools},
    Count{"choices", &Directives::choices},
    Count{"dribble", &Directives::dribble},
};

struct Point {
  std::string_view name;
  std::optional<std::uint64_t> Directives::*member;
};
constexpr std::array kPoints = {
    Point{"cut_after", &Directives::cut_after},
    Point{"reset_after", &Directives::reset_after},
    Point{"error_after", &Directives::error_after},
    Point{"until_attempt", &Directives::until_attempt},
};

template <class List>
auto find_name(const List& list, std::string_view name) {
  return std::find_if(list.begin(), list.end(), [&](const auto& e) { return e.name == name; });
}

bool add_number(Directives& to, std::string_view name, std::uint64_t number) {
  if (const auto* it = find_name(kCounts, name); it != kCounts.end()) {
    to.*it->member = number;
  } else if (const auto* point = find_name(kPoints, name); point != kPoints.end()) {
    to.*point->member = number;
  } else if (name == "delay_ms") {
    to.delay = std::chrono::milliseconds(number);
  } else if (name == "interval_ms") {
    to.interval = std::chrono::milliseconds(number);
  } else if (name == "linger_ms") {
    to.linger = std::chrono::milliseconds(number);
  } else if (name == "status" && number >= 200 && number <= 599) {
    to.status = static_cast<unsigned>(number);
  } else {
    return false;
  }
  return true;
}

bool add_word(Directives& to, std::string_view word) {
  const std::size_t equals = word.find('=');
  const std::string_view name = word.substr(0, equals);
  const std::string_view value =
      equals == std::string_view::npos ? std::string_view() : word.substr(equals + 1);
  constexpr std::array<std::string_view, 4> kEncodings = {"gzip", "deflate", "br", "zstd"};
  if (name == "encoding") {
    if (std::find(kEncodings.begin(), kEncodings.end(), value) == kEncodings.end()) return false;
    to.encoding = value;
  } else if (name == "retry-after" || name == "retry_after") {
    to.retry_after = value;
  } else if (name == "retry-after-ms" || name == "retry_after_ms") {
    to.retry_after_ms = value;
  } else if (name == "dribble" && value.empty()) {
    to.dribble = 1;
  } else if (const auto* flag = find_name(kFlags, name); flag != kFlags.end()) {
    to.*flag->member = true;
  } else {
    const auto number = parse_number(value);
    return number && add_number(to, name, *number);
  }
  return true;
}

}  // namespace

bool is_marker(std::string_view text) {
  if (text.empty() || text.size() > 128) return false;
  return std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '_' || c == ':' || c == '-';
  });
}

std::string Directives::add(std::string_view words) {
  constexpr std::string_view kBetween = ", \t";
  while (true) {
    const std::size_t start = words.find_first_not_of(kBetween);
    if (start == std::string_view::npos) return {};
    words.remove_prefix(start);
    const std::string_view word = words.substr(0, words.find_first_of(kBetween));
    if (!add_word(*this, word)) return std::string(word);
    words.remove_prefix(word.size());
  }
}

void Directives::add_model(std::string_view model) {
  if (model == "mock-tools") tools = 2;
  if (model == "mock-slow") interval = std::chrono::milliseconds(100);
  if (model == "mock-reasoning") reasoning = true;
  if (model == "mock-refusal") refusal = true;
  constexpr std::string_view kStatus = "mock-status-";
  if (model.starts_with(kStatus)) {
    const auto number = parse_number(model.substr(kStatus.size()));
    if (number) add_number(*this, "status", *number);
  }
}

std::string Directives::add_text(std::string_view body) {
  if (body.find("[[m") == std::string_view::npos) return {};
  const std::string_view given = last_note(body, "[[marker ");
  if (marker.empty() && is_marker(given)) marker = given;
  return add(last_note(body, "[[mock "));
}

}  // namespace albicilla::mock
