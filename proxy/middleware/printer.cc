#include "proxy/middleware/printer.h"

#include <array>

#include "common/base/nearest.h"

namespace albicilla {

namespace {

constexpr std::size_t kMostSessions = 10'000;
constexpr std::size_t kMostText = 200;

// Foreign text on a terminal: printable ASCII only, bounded.
std::string plain(std::string_view text) {
  std::string out(text.substr(0, kMostText));
  for (char& c : out) {
    if (c < ' ' || c > '~') c = '?';
  }
  return out;
}

std::string short_session(std::string_view id) {
  return id.empty() ? "unknown" : plain(id.substr(0, 8));
}

}  // namespace

Result<std::unique_ptr<Middleware>> Printer::make(const Json& config, PrintLine print) {
  std::unique_ptr<Printer> printer(new Printer(std::move(print)));
  const std::array<std::string, 4> known = {"log_requests", "log_responses", "log_body",
                                            "show_sessions"};
  const std::array<bool*, 4> into = {&printer->requests_, &printer->responses_, &printer->body_,
                                     &printer->sessions_};
  for (const auto& [name, value] : config.members()) {
    const auto found = std::find(known.begin(), known.end(), name);
    if (found == known.end()) {
      return client_error("printer: unknown key '" + name + "'" + did_you_mean(name, known));
    }
    if (!value.boolean()) return client_error("printer: " + name + " must be true or false");
    *into[static_cast<std::size_t>(found - known.begin())] = *value.boolean();
  }
  return std::unique_ptr<Middleware>(std::move(printer));
}

void Printer::show_session(std::string_view session_id) {
  if (session_id.empty()) return;
  if (seen_.size() >= kMostSessions) seen_.clear();
  if (seen_.emplace(session_id).second) print_("new session " + plain(session_id));
}

std::optional<MiddlewareRefusal> Printer::on_request(MiddlewareRequest& request) {
  if (sessions_) show_session(request.session_id);
  if (requests_) {
    print_("request [" + short_session(request.session_id) + "] " + plain(request.method) + " " +
           plain(request.path));
  }
  return std::nullopt;
}

void Printer::on_closed(const MiddlewareOutcome& outcome) {
  if (!responses_) return;
  const ClosedFacts& closed = outcome.closed;
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(closed.duration).count();
  std::string line = "response [" + short_session(outcome.opened.session_hint) + "] " +
                     std::to_string(closed.status) + " " + std::string(to_string(closed.ending)) +
                     " " + std::to_string(milliseconds) + "ms";
  if (body_) {
    line += " " + std::to_string(closed.request_bytes) + " bytes in, " +
            std::to_string(closed.response_bytes) + " bytes out";
  }
  print_(line);
}

}  // namespace albicilla
