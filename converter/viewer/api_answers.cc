#include "converter/viewer/api_answers.h"

#include <algorithm>
#include <charconv>

#include "common/json/writer.h"
#include "converter/viewer/json_member.h"

namespace albicilla::viewer {

ApiAnswer api_error(int status, std::string_view message) {
  std::string body;
  JsonWriter json(body);
  json.begin_object().key("error").begin_object();
  put(json, "message", message);
  json.end_object().end_object();
  return json_answer(std::move(body), status);
}

ApiAnswer from_error(const Error& error) {
  switch (error.fault) {
    case Fault::client:
      return api_error(error.message.starts_with("no such") ? 404 : 400, error.message);
    default:
      return api_error(500, error.message);
  }
}

ApiAnswer json_answer(std::string body, int status) {
  ApiAnswer answer;
  answer.status = status;
  answer.body = std::move(body);
  return answer;
}

std::size_t count_parameter(const ApiRequest& request, std::string_view name, std::size_t standard,
                            std::size_t most) {
  const std::string text = request.parameter(name);
  std::size_t value = standard;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return std::min(value, most);
}

}  // namespace albicilla::viewer
