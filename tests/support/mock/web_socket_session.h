// What the mock says over a WebSocket: `/responses` answers each `response.create` with the events
// of a response, one message each; any other path echoes its messages.
#pragma once

#include <chrono>
#include <deque>
#include <string>
#include <string_view>

#include "tests/support/mock/ask.h"
#include "tests/support/mock/request.h"
#include "tests/support/mock/web_socket.h"

namespace albicilla::mock {

class WebSocketSession {
 public:
  // `request` asks for the upgrade.
  WebSocketSession(const Request& request, const Directives& directives, Threads& threads);

  // The head of the answer 101.
  std::string head(std::string_view date) const;
  // Takes the client's bytes; answers that need no pause go into `out`.
  void receive(std::string_view bytes, std::string& out);
  // Messages that wait for their pause.
  bool has_next() const { return !waiting_.empty(); }
  void send_next(std::string& out);
  std::chrono::milliseconds pause() const { return directives_.interval; }
  // Both sides have said good-bye, or the client broke a rule.
  bool ended() const { return ended_; }

  const std::string& marker() const { return directives_.marker; }  // the first that came
  std::uint64_t messages_sent() const { return messages_sent_; }
  const std::string& sent() const { return sent_; }          // payloads, one after the other
  const std::string& received() const { return received_; }  // the same of the client

 private:
  void answer(const WebSocketMessage& message, std::string& out);
  void send(const WebSocketMessage& message, std::string& out);

  Request request_;
  Directives directives_;
  Threads& threads_;
  std::string key_;
  std::string protocol_;
  bool responses_ = false;
  bool deflate_ = false;
  bool ended_ = false;
  WebSocketReader reader_;
  std::deque<WebSocketMessage> waiting_;
  std::uint64_t messages_sent_ = 0;
  std::string sent_;
  std::string received_;
};

// Whether a request asks for a WebSocket.
bool wants_web_socket(const Request& request);

}  // namespace albicilla::mock
