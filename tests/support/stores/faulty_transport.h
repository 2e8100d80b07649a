// Puts trouble between an object store and its server: answers that get lost after the server has
// acted, answers of another kind, calls that never leave.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <utility>

#include "sink/store/http_client.h"

namespace albicilla::tests {

class FaultyTransport final : public HttpTransport {
 public:
  explicit FaultyTransport(std::unique_ptr<HttpTransport> real) : real_(std::move(real)) {}

  // The next request of that method is sent, its answer lost.
  void lose_answer_to(std::string method) { lost_method_ = std::move(method); }
  // The next requests of that method never reach the server; these are their answers.
  void answer_instead(std::string method, HttpReply reply) {
    instead_.emplace_back(std::move(method), std::move(reply));
  }
  const std::deque<std::string>& sent() const { return sent_; }  // "PUT /bucket/name"

  Result<HttpReply> send(const HttpRequest& request) override {
    sent_.push_back(request.method + " " + request.target);
    if (!instead_.empty() && instead_.front().first == request.method) {
      HttpReply reply = std::move(instead_.front().second);
      instead_.pop_front();
      return reply;
    }
    auto reply = real_->send(request);
    if (lost_method_ == request.method) {
      lost_method_.clear();
      return upstream_error("the answer got lost");
    }
    return reply;
  }
  void interrupt() override { real_->interrupt(); }

 private:
  std::unique_ptr<HttpTransport> real_;
  std::string lost_method_;
  std::deque<std::pair<std::string, HttpReply>> instead_;
  std::deque<std::string> sent_;
};

}  // namespace albicilla::tests
