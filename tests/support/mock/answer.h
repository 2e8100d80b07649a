// What the mock provider says to one request: a head and a body that comes in units. A unit of a
// stream is one event and goes out in a write of its own, as providers flush.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/mock/directives.h"
#include "tests/support/mock/encoder.h"

namespace albicilla::mock {

class AnswerBody {
 public:
  virtual ~AnswerBody() = default;
  // Appends the next unit to `out`; false when there was none left.
  virtual bool next(std::string& out) = 0;
};

class WholeBody final : public AnswerBody {
 public:
  explicit WholeBody(std::string bytes) : bytes_(std::move(bytes)) {}
  bool next(std::string& out) override {
    if (given_) return false;
    given_ = true;
    out += bytes_;
    return !bytes_.empty();
  }

 private:
  std::string bytes_;
  bool given_ = false;
};

class EventsBody final : public AnswerBody {
 public:
  explicit EventsBody(std::vector<std::string> events) : events_(std::move(events)) {}
  bool next(std::string& out) override {
    if (at_ == events_.size()) return false;
    out += events_[at_];
    events_[at_++] = {};
    return true;
  }

 private:
  std::vector<std::string> events_;
  std::size_t at_ = 0;
};

// Passes another body's units through an encoder.
class EncodedBody final : public AnswerBody {
 public:
  EncodedBody(std::unique_ptr<AnswerBody> plain, std::unique_ptr<Encoder> encoder)
      : plain_(std::move(plain)), encoder_(std::move(encoder)) {}
  bool next(std::string& out) override {
    if (ended_) return false;
    std::string unit;
    ended_ = !plain_->next(unit);
    out += encoder_->encode(unit, ended_);
    return true;
  }

 private:
  std::unique_ptr<AnswerBody> plain_;
  std::unique_ptr<Encoder> encoder_;
  bool ended_ = false;
};

struct Answer {
  unsigned status = 200;
  std::vector<std::pair<std::string, std::string>> fields;  // without framing, date and connection
  bool stream = false;
  std::uint64_t size = 0;  // of the whole body, when it is no stream
  std::unique_ptr<AnswerBody> body;
  // What the first choice adds up to: its text, then the arguments of its tool calls. An oracle
  // compares its hash with what the log says.
  std::string text;
  Directives directives;
};

// Encodes the body as the directives ask; a whole body becomes one of known size again.
void encode_body(Answer& answer);

Answer whole_answer(unsigned status, std::string_view content_type, std::string body);
Answer stream_answer(std::vector<std::string> events);

}  // namespace albicilla::mock
