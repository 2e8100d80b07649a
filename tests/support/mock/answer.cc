#include "tests/support/mock/answer.h"

namespace albicilla::mock {

void encode_body(Answer& answer) {
  auto encoder = make_encoder(answer.directives.encoding);
  if (encoder == nullptr) return;
  answer.fields.emplace_back("content-encoding", answer.directives.encoding);
  if (answer.stream) {
    answer.body = std::make_unique<EncodedBody>(std::move(answer.body), std::move(encoder));
    return;
  }
  std::string plain;
  while (answer.body->next(plain)) {
  }
  std::string encoded = encoder->encode(plain, true);
  answer.size = encoded.size();
  answer.body = std::make_unique<WholeBody>(std::move(encoded));
}

Answer whole_answer(unsigned status, std::string_view content_type, std::string body) {
  Answer answer;
  answer.status = status;
  answer.fields.emplace_back("content-type", content_type);
  answer.size = body.size();
  answer.body = std::make_unique<WholeBody>(std::move(body));
  return answer;
}

Answer stream_answer(std::vector<std::string> events) {
  Answer answer;
  answer.fields.emplace_back("content-type", "text/event-stream; charset=utf-8");
  answer.fields.emplace_back("cache-control", "no-cache");
  answer.stream = true;
  answer.body = std::make_unique<EventsBody>(std::move(events));
  return answer;
}

}  // namespace albicilla::mock
