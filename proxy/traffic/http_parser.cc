#include "proxy/traffic/http_parser.h"

#include <algorithm>
#include <functional>

#include <boost/beast/http/error.hpp>

namespace albicilla {

namespace http = boost::beast::http;

namespace {

// A chunk's size line or the trailers that have not come to their end within this many bytes are an
// attack.
constexpr std::size_t kMostChunkLine = 4096;
constexpr std::size_t kMostTrailers = std::size_t{64} << 10;
constexpr std::size_t kUsualFields = 16;

std::string_view text(boost::beast::string_view view) { return {view.data(), view.size()}; }

// Beast waits for CR LF; a line that ends with a bare LF would make it wait for ever.
bool has_bare_line_feed(std::string_view bytes) {
  for (std::size_t at = bytes.find('\n'); at != std::string_view::npos;
       at = bytes.find('\n', at + 1)) {
    if (at == 0 || bytes[at - 1] != '\r') return true;
  }
  return false;
}

// Three words, the last of which at least tries to be a version.
bool ends_with_version(std::string_view request) {
  const std::string_view line = request.substr(0, request.find("\r\n"));
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  return first != last && line.find(' ', first + 1) == last &&
         line.substr(last + 1).starts_with("HTTP/");
}

bool lies_within(const char* place, std::string_view bytes) {
  return !std::less<>()(place, bytes.data()) && !std::less<>()(bytes.data() + bytes.size(), place);
}

// What waits is a chunk's size line, or the last one with its trailers, behind the line end of the
// chunk before it. Beast looks at it only when it is whole; nobody need wait for what is wrong now.
bool may_become_chunk_line(std::string_view unread, bool after_chunk) {
  if (after_chunk) {
    if (!std::string_view("\r\n").starts_with(unread.substr(0, 2))) return false;
    unread.remove_prefix(std::min<std::size_t>(2, unread.size()));
  }
  const auto line_end = unread.find("\r\n");
  if (line_end == std::string_view::npos) return unread.size() <= kMostChunkLine;
  // A whole line that still waits is the last chunk's, with trailers behind it.
  const std::string_view line = unread.substr(0, line_end);
  const auto digits_end = std::min(line.find_first_not_of('0'), line.size());
  const bool only_zeros = digits_end == line.size() ||
                          std::string_view("; \t").find(line[digits_end]) != std::string_view::npos;
  return digits_end > 0 && only_zeros && line.size() <= kMostChunkLine &&
         unread.size() <= kMostTrailers;
}

}  // namespace

template <bool is_request>
HttpParser<is_request>::HttpParser(const HeadLimits& limits) : limits_(limits) {
  Base::header_limit(limits.head_bytes);
  // Not boost::none: Beast 1.74 compares a Content-Length with it wrongly.
  Base::body_limit(std::numeric_limits<std::uint64_t>::max());
  Base::eager(true);
}

template <bool is_request>
std::size_t HttpParser<is_request>::feed(std::string_view bytes) {
  slices_.clear();
  feeding_ = bytes;
  NetError error;
  const std::size_t taken = Base::put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
  if (error) take_error(error, bytes.substr(taken));
  if (!head_done()) {
    head_taken_ += taken;
    // Beast limits what it has not parsed yet; fields that came one by one count too.
    if (fault_ == HeadFault::none && head_taken_ + bytes.size() - taken > limits_.head_bytes) {
      fault_ = HeadFault::head_too_large;
    }
  }
  return taken;
}

template <bool is_request>
void HttpParser<is_request>::feed_end() {
  slices_.clear();
  NetError error;
  if (!started()) {
    fault_ = HeadFault::syntax;
    return;
  }
  Base::put_eof(error);
  if (error) fault_ = HeadFault::syntax;
}

template <bool is_request>
void HttpParser<is_request>::take_error(const NetError& error, std::string_view unread) {
  if (objection_ != HeadFault::none) {
    fault_ = objection_;
  } else if (has_bare_line_feed(unread)) {
    fault_ = HeadFault::syntax;
  } else if (error == http::error::need_more) {
    if (head_done() && !may_become_chunk_line(unread, after_chunk_)) fault_ = HeadFault::syntax;
  } else if (error == http::error::header_limit) {
    // Beast may have waited with the first line too.
    const bool first_line_done = first_line_done_ || unread.find("\r\n") != std::string_view::npos;
    fault_ =
        is_request && !first_line_done ? HeadFault::target_too_long : HeadFault::head_too_large;
  } else if (error == http::error::bad_version && (!is_request || ends_with_version(unread))) {
    fault_ = HeadFault::version;
  } else {
    fault_ = HeadFault::syntax;
  }
}

template <bool is_request>
void HttpParser<is_request>::on_request_impl(http::verb, Text method, Text target, int version,
                                             NetError& error) {
  if constexpr (is_request) {
    if (target.size() > limits_.target_bytes) {
      objection_ = HeadFault::target_too_long;
      error = http::error::header_limit;
      return;
    }
    first_line_done_ = true;
    head_.method = text(method);
    head_.target = text(target);
    head_.minor_version = version % 10;
  }
}

template <bool is_request>
void HttpParser<is_request>::on_response_impl(int code, Text reason, int version, NetError&) {
  if constexpr (!is_request) {
    head_.status = static_cast<std::uint16_t>(code);
    head_.reason = text(reason);
    head_.minor_version = version % 10;
  }
}

template <bool is_request>
void HttpParser<is_request>::on_field_impl(http::field, Text name, Text value, NetError& error) {
  Headers& fields = head_done() ? trailers_ : head_.headers;
  if (fields.size() >= limits_.fields) {
    objection_ = HeadFault::head_too_large;
    error = http::error::header_limit;
    return;
  }
  // Beast unfolds into a buffer of its own, or begins the value on the next line; otherwise a value
  // stands behind its name in what was fed.
  const auto* name_end = name.data() + name.size();
  if (!lies_within(value.data(), feeding_) ||
      std::string_view(name_end, static_cast<std::size_t>(value.data() - name_end)).find('\n') !=
          std::string_view::npos) {
    folded_ = true;
  }
  if (fields.empty()) fields.reserve(kUsualFields);
  fields.push_back({std::string(text(name)), std::string(text(value))});
}

template <bool is_request>
std::size_t HttpParser<is_request>::on_body_impl(Text body, NetError&) {
  if (!body.empty()) slices_.push_back({text(body), 0, false});
  return body.size();
}

template <bool is_request>
void HttpParser<is_request>::on_chunk_header_impl(std::uint64_t size, Text extensions,
                                                  NetError& error) {
  if (extensions.size() > kMostChunkLine) error = http::error::bad_chunk_extension;
  chunk_size_ = size;
  after_chunk_ = false;
}

template <bool is_request>
std::size_t HttpParser<is_request>::on_chunk_body_impl(std::uint64_t remain, Text body, NetError&) {
  if (!body.empty()) {
    slices_.push_back({text(body), chunk_size_, body.size() == remain});
    chunk_size_ = 0;
    after_chunk_ = body.size() == remain;
  }
  return body.size();
}

template class HttpParser<true>;
template class HttpParser<false>;

}  // namespace albicilla
