// An OpenAI chat completions stream as the Anthropic stream that says the same, event by event:
// message_start, blocks, message_delta with reason and usage, message_stop. Pure.
#pragma once

#include <string>
#include <string_view>

#include "common/json/tree.h"
#include "common/translate/block_queue.h"
#include "common/translate/event_feed.h"
#include "common/translate/translation.h"

namespace albicilla {

class MessagesStream final : public StreamTranslator {
 public:
  explicit MessagesStream(const AnswerTerms& terms) : terms_(terms), blocks_("") {}

  std::string feed(std::string_view bytes) override;
  std::string finish() override;
  bool ended_well() const override { return state_ == State::stopped; }
  std::string keep_alive() const override;

  // One chunk without its framing, for answers that did not come as a stream.
  std::string chunk(const Json& chunk);

 private:
  enum class State { before_start, open, stopped, failed };

  std::string take(const FedEvent& fed);
  std::string start(const Json& chunk);
  void read_choice(const Json& choice);
  std::string stop();
  std::string fail(std::string_view type, std::string_view message);
  bool over() const { return state_ == State::stopped || state_ == State::failed; }

  AnswerTerms terms_;
  EventFeed feed_;
  BlockQueue blocks_;
  State state_ = State::before_start;
  std::string finish_reason_;
  Json matched_sequence_;
  bool refused_ = false;
  Json usage_;
};

}  // namespace albicilla
