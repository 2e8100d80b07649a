#include "proxy/outbox/redactor.h"

namespace albicilla {

void Redactor::clean(std::string& text) {
  if (!text.empty()) text = this->text(text);
}

void Redactor::clean(Headers& headers) {
  for (Header& header : headers) clean(header.value);
}

void Redactor::clean(OpenedFacts& opened) {
  clean(opened.path);
  clean(opened.query);
  clean(opened.session_hint);
  clean(opened.user_id);
  clean(opened.client_app);
  clean(opened.request_headers);
}

void Redactor::clean(ClosedFacts& closed) {
  clean(closed.error);
  clean(closed.response_headers);
}

}  // namespace albicilla
