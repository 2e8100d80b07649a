#include "tests/support/mock/web_socket_session.h"

#include "tests/support/mock/answer.h"
#include "tests/support/mock/openai_responses.h"

namespace albicilla::mock {
namespace {

// The data of one event, without its framing.
std::string_view data_of(std::string_view event) {
  constexpr std::string_view kData = "data: ";
  const std::size_t at = event.find(kData);
  if (at == std::string_view::npos) return {};
  event.remove_prefix(at + kData.size());
  return event.substr(0, event.find_first_of("\r\n"));
}

}  // namespace

bool wants_web_socket(const Request& request) {
  const auto upgrade = request.head->find("upgrade");
  return request.method == "GET" && upgrade && support::equal_without_case(*upgrade, "websocket") &&
         request.head->find("sec-websocket-key");
}

WebSocketSession::WebSocketSession(const Request& request, const Directives& directives,
                                   Threads& threads)
    : request_(request),
      directives_(directives),
      threads_(threads),
      key_(request.head->find("sec-websocket-key").value_or("")),
      responses_(request.path.ends_with("/responses")) {
  const auto protocols = request.head->find("sec-websocket-protocol").value_or("");
  protocol_ = protocols.substr(0, protocols.find_first_of(", "));
  const auto extensions = request.head->find("sec-websocket-extensions").value_or("");
  deflate_ = extensions.find("permessage-deflate") != std::string_view::npos;
}

std::string WebSocketSession::head(std::string_view date) const {
  std::string head = "HTTP/1.1 101 Switching Protocols\r\ndate: ";
  head += date;
  head += "\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ";
  head += web_socket_accept(key_);
  if (!protocol_.empty()) head += "\r\nsec-websocket-protocol: " + protocol_;
  if (deflate_) {
    head +=
        "\r\nsec-websocket-extensions: permessage-deflate; server_no_context_takeover; "
        "client_no_context_takeover";
  }
  return head + "\r\n\r\n";
}

void WebSocketSession::receive(std::string_view bytes, std::string& out) {
  for (const WebSocketMessage& message : reader_.feed(bytes)) {
    if (ended_) return;
    answer(message, out);
  }
  if (reader_.failed() && !ended_) {
    out += web_socket_frame({WebSocketOp::close, std::string("\x03\xea", 2)}, false);  // 1002
    ended_ = true;
  }
}

void WebSocketSession::answer(const WebSocketMessage& message, std::string& out) {
  if (message.op == WebSocketOp::close) {
    out += web_socket_frame(message, false);
    ended_ = true;
    return;
  }
  if (message.op == WebSocketOp::ping) {
    out += web_socket_frame({WebSocketOp::pong, message.payload}, false);
    return;
  }
  if (message.op == WebSocketOp::pong) return;
  received_ += message.payload;
  directives_.add_text(message.payload);
  if (!responses_) return send(message, out);
  Ask ask;
  ask.directives = directives_;
  read_json_ask(message.payload, threads_, ask);
  ask.stream = true;
  const Answer answer = responses_answer(request_, ask, threads_);
  std::string event;
  while (answer.body->next(event)) {
    waiting_.push_back({WebSocketOp::text, std::string(data_of(event))});
    event.clear();
  }
  if (directives_.interval.count() > 0) return;
  while (has_next()) send_next(out);
}

void WebSocketSession::send_next(std::string& out) {
  send(waiting_.front(), out);
  waiting_.pop_front();
}

void WebSocketSession::send(const WebSocketMessage& message, std::string& out) {
  ++messages_sent_;
  sent_ += message.payload;
  out += web_socket_frame(message, deflate_);
}

}  // namespace albicilla::mock
