// Two pumps between a client and an upstream that have agreed on a WebSocket: bytes go past
// untouched in both directions while a copy is read into messages for the log. One socket makes
// many records: one whenever the dialect says that an answer is over, one at least every 15 s, and
// one at the end.
#pragma once

#include <string>

#include "proxy/traffic/capture.h"
#include "proxy/traffic/client_side.h"
#include "proxy/traffic/parts.h"
#include "proxy/traffic/web_socket_frames.h"
#include "proxy/traffic/web_socket_handshake.h"

namespace albicilla {

class WebSocketRelay final : private Deadline {
 public:
  // All must outlive run(). The 101 is on its way to the client, the capture is open and knows it.
  WebSocketRelay(TrafficParts& parts, ClientSide& client, UpstreamLink& link, Capture& capture,
                 const WebSocketTerms& terms);

  // Returns when both directions have ended and the last record is closed.
  Task<void> run();

  // Ends it: the drain time is over.
  void cut();

 private:
  enum class Side { none, client, upstream };

  struct Lane {
    Direction direction;
    NetStream& from;
    Input& input;
    NetStream& to;
    WebSocketFrames frames;
  };

  Task<void> pump_client();
  Task<void> pump(Lane& lane);
  Task<bool> pass_on(Lane& lane);
  void record(Lane& lane, std::string_view bytes);
  bool ends_answer(const FramePiece& piece);
  void on_side_gone(Side side);
  void touch();
  void renew();
  void close_record();
  void on_expired() override;

  TrafficParts& parts_;
  ClientSide& client_;
  UpstreamLink& link_;
  Capture& capture_;
  Lane up_;    // from the client to the upstream
  Lane down_;  // from the upstream to the client
  LoopEvent client_done_;
  std::string beginning_;  // of the upstream's message under way
  Side gone_ = Side::none;
  bool answer_over_ = false;
  bool unsaid_ = true;  // the open record holds something, or is the first
  bool cut_ = false;
  bool unlogged_ = false;
};

}  // namespace albicilla
