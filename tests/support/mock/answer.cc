#include "tests/support/mock/answer.h"

namespace albicilla::mock {

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
