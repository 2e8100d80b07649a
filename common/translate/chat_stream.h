// An Anthropic stream as the OpenAI chat completions stream that says the same: a chunk for each
// delta, one with the reason to stop, one with usage when the client asked for it, [DONE]. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "common/json/tree.h"
#include "common/translate/event_feed.h"
#include "common/translate/translation.h"

namespace albicilla {

class ChatStream final : public StreamTranslator {
 public:
  explicit ChatStream(const AnswerTerms& terms) : terms_(terms) {}

  std::string feed(std::string_view bytes) override;
  std::string finish() override;
  bool ended_well() const override { return state_ == State::stopped; }
  // A comment: no invented chunk, because some clients check each one against a schema.
  std::string keep_alive() const override;

  // One event's JSON without its framing, for answers that did not come as a stream.
  std::string event(const Json& event);

 private:
  enum class State { before_start, open, stopped, failed };

  std::string take(const FedEvent& fed);
  std::string start(const Json& message);
  std::string block_start(const Json& event);
  std::string block_delta(const Json& event);
  std::string arguments_piece(const Json& event, std::string_view arguments);
  std::string block_stop(const Json& event);
  std::string call_piece(std::size_t number, const Json& call) const;
  std::string thinking_piece(const Json& event, std::string_view thinking,
                             std::string_view signature);
  std::string stop();
  std::string chunk(Json delta, Json finish_reason = Json()) const;
  std::string chunk_of(Json choices, const Json* usage) const;
  std::string fail(std::string_view type, std::string_view message);
  bool over() const { return state_ == State::stopped || state_ == State::failed; }

  AnswerTerms terms_;
  EventFeed feed_;
  State state_ = State::before_start;
  std::string id_;
  std::string model_;
  std::string stop_reason_;
  Json usage_ = Json::object();
  struct Call {
    std::size_t number = 0;  // among the calls
    bool has_arguments = false;
  };
  std::map<std::int64_t, Call> calls_;  // by block index
  std::map<std::int64_t, std::size_t> thought_numbers_;
};

}  // namespace albicilla
