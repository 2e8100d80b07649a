// The one loop: sends a planned request upstream, then reads, captures and writes the answer, one
// flush per upstream read. Keeps the order that makes records exact: request bytes are in the spool
// before they go upstream, the terminal event before it goes to the client, the outcome before the
// last byte. relay.cc asks, relay_answer.cc passes answers on as they come, other_answers.cc those
// that do not go on so: WebSockets and answers that are translated.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "proxy/traffic/answer.h"
#include "proxy/traffic/capture.h"
#include "proxy/traffic/client_side.h"
#include "proxy/traffic/http_parser.h"
#include "proxy/traffic/parts.h"
#include "proxy/traffic/plan.h"
#include "proxy/traffic/request_body.h"
#include "proxy/traffic/translated_answer.h"
#include "proxy/traffic/web_socket_relay.h"

namespace albicilla {

// Why no upstream's answer reached the client; nothing has been sent to it yet.
struct OwnAnswer {
  std::uint16_t status = 502;
  std::string_view code;
  std::string message;
  Ending ending = Ending::upstream_error;
};

struct RelayOutcome {
  bool keep_client = false;          // another request may follow on the client's connection
  std::optional<OwnAnswer> instead;  // the caller answers so and closes the capture
};

struct RelayOrder {
  const RequestHead& head;  // the client's
  const Plan& plan;
  RequestBody& body;       // what was read of it
  bool continued = false;  // the client has already been told "100 Continue"
};

class Relay {
 public:
  // All must outlive run(). The capture is open unless the exchange is not logged.
  Relay(TrafficParts& parts, ClientSide& client, RequestParser& request, Capture& capture);

  Task<RelayOutcome> run(RelayOrder order);

  // Ends the exchange now: the drain time is over. From the loop, at any time during run().
  void cut();

 private:
  enum class Step { answered, again, failed };
  // How far what one read brought has come without a coroutine.
  enum class Reached { nothing, fed, captured, passed };

  Task<Step> ask(const RelayOrder& order, bool first_attempt);
  Task<bool> obtain_link(const RelayOrder& order, bool first_attempt);
  Task<void> send_request(const RelayOrder& order);
  Task<bool> read_answer_head(const RelayOrder& order);
  bool accept_answer_head();
  Task<bool> pass_interim(const RelayOrder& order);

  Task<RelayOutcome> pass(const RelayOrder& order);
  bool accept_switch(const RelayOrder& order);
  Task<RelayOutcome> pass_web_socket();
  Task<RelayOutcome> pass_translated(const RelayOrder& order);
  void begin_translated(TranslatedAnswer& answer);
  Task<bool> read_translated(const TranslatedAnswer& answer);
  void append_piece(std::string& wire, std::string_view text) const;
  Task<bool> pass_translated_read(TranslatedAnswer& answer);
  Task<RelayOutcome> break_translated(TranslatedAnswer& answer);
  Task<RelayOutcome> send_translated(TranslatedAnswer& answer);
  Task<RelayOutcome> pass_answer(const RelayOrder& order);
  Task<bool> read_on();
  bool pass_at_once();
  void look_at_read();
  void keep_read();
  void capture_read();
  Task<bool> pass_read();
  Task<bool> flush(std::string_view head, std::string_view body);
  AnswerFraming choose_framing(const RelayOrder& order) const;

  RelayOutcome failure();
  RelayOutcome broken();
  Task<void> finish_pump();
  void give_link_back(const RelayOrder& order);

  void on_client_left();
  bool had_the_end() const;  // the client
  void on_pump_failed();
  void cancel_upstream();
  bool problem(std::uint16_t status, std::string_view code, std::string message);

  TrafficParts& parts_;
  ClientSide& client_;
  RequestParser& request_;
  Capture& capture_;
  ClientPresence presence_;
  BodyPump pump_;
  std::unique_ptr<UpstreamLink> link_;
  Connecting connecting_;
  WebSocketRelay* web_socket_ = nullptr;
  std::unique_ptr<ResponseParser> answer_;
  AnswerFraming framing_;
  std::string out_;        // for the client, and after it:
  std::string_view body_;  // in the input, of the last read
  std::size_t sent_ = 0;   // of both, at once
  Reached reached_ = Reached::nothing;
  bool must_be_kept_ = false;  // before it goes to the client
  OwnAnswer problem_;
  bool got_bytes_ = false;
  bool switched_ = false;
  bool cut_ = false;
  bool left_before_end_ = false;  // the client, before the terminal event was there for it
};

}  // namespace albicilla
