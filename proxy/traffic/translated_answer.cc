#include "proxy/traffic/translated_answer.h"

#include <utility>

#include "common/http/content_coding.h"

namespace albicilla {
namespace {

constexpr std::string_view kEventStream = "text/event-stream";

}  // namespace

TranslatedAnswer::TranslatedAnswer(const PlannedTranslation& planned, const ResponseHead& upstream,
                                   std::size_t most_bytes)
    : planned_(planned), most_bytes_(most_bytes), status_(upstream.status) {
  const Translation& translation = *planned.translation;
  coding_ = find_header(upstream.headers, "content-encoding").value_or("");
  const auto type = find_header(upstream.headers, "content-type").value_or("");
  is_events_ = status_ == 200 && same_name(type.substr(0, kEventStream.size()), kEventStream);
  streams_ = is_events_ && !is_encoded(coding_);
  head_.status = status_;
  head_.reason = upstream.reason;
  head_.headers = translation.response_headers(upstream.headers);
  remove_header(head_.headers, "transfer-encoding");
  if (is_events_) {
    stream_ = translation.stream(planned.terms);
    set_content_type(kEventStream);
  }
}

void TranslatedAnswer::set_content_type(std::string_view type) {
  remove_header(head_.headers, "content-type");
  head_.headers.push_back({"content-type", std::string(type)});
}

std::string TranslatedAnswer::feed(std::string_view bytes) {
  if (streams_) return stream_->feed(bytes);
  too_large_ = too_large_ || gathered_.size() + bytes.size() > most_bytes_;
  if (!too_large_) gathered_.append(bytes);
  return {};
}

std::string TranslatedAnswer::finish() {
  if (streams_) return finish_events();
  if (is_encoded(coding_)) {
    DecodedContent decoded = decode_content(gathered_, coding_, most_bytes_);
    too_large_ = too_large_ || decoded.outcome == Decoding::capped;
    if (decoded.outcome == Decoding::failed) error_ = "the upstream's answer cannot be decoded";
    gathered_ = std::move(decoded.bytes);
  }
  if (too_large_) error_ = "the upstream's answer is too large to be translated";
  const Translation& translation = *planned_.translation;
  if (!error_.empty()) {
    head_.status = 502;
    head_.reason = usual_reason(502);
    set_content_type("application/json");
    return translation.error_body(502, error_);
  }
  if (is_events_) {
    std::string text = stream_->feed(gathered_);
    return text + finish_events();
  }
  TranslatedResponse answer = translation.response(planned_.terms, status_, gathered_);
  if (answer.status != status_) head_.reason = usual_reason(answer.status);
  head_.status = answer.status;
  set_content_type(answer.content_type);
  error_ = std::move(answer.error);
  ended_well_ = error_.empty();
  return std::move(answer.body);
}

std::string TranslatedAnswer::finish_events() {
  std::string rest = stream_->finish();
  ended_well_ = stream_->ended_well();
  if (!ended_well_) error_ = "the upstream's stream ended before its end";
  return rest;
}

std::string TranslatedAnswer::keep_alive() const {
  return streams_ ? stream_->keep_alive() : std::string();
}

}  // namespace albicilla
