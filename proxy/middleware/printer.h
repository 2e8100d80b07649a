// `printer`: a line on stdout for each request and each answer, as predecessor D printed them. It
// prints facts, never bodies or credentials. Config: log_requests, log_responses, log_body (the
// sizes), show_sessions.
#pragma once

#include <functional>
#include <string_view>
#include <unordered_set>

#include "common/json/tree.h"
#include "proxy/middleware/middleware.h"

namespace albicilla {

using PrintLine = std::function<void(std::string_view)>;

class Printer final : public Middleware {
 public:
  static Result<std::unique_ptr<Middleware>> make(const Json& config, PrintLine print);

  std::string_view type() const override { return "printer"; }
  std::optional<MiddlewareRefusal> on_request(MiddlewareRequest& request) override;
  void on_closed(const MiddlewareOutcome& outcome) override;

 private:
  explicit Printer(PrintLine print) : print_(std::move(print)) {}
  void show_session(std::string_view session_id);

  PrintLine print_;
  bool requests_ = true;
  bool responses_ = true;
  bool body_ = false;
  bool sessions_ = true;
  std::unordered_set<std::string> seen_;  // bounded: forgotten as a whole when it is full
};

}  // namespace albicilla
