#include "tests/support/http_framing.h"

#include <strings.h>

#include <algorithm>
#include <charconv>

namespace albicilla::support {
namespace {

constexpr std::size_t kMostLineBytes = 8192;

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

bool equal_without_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

std::optional<std::size_t> head_size(std::string_view bytes) {
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) return std::nullopt;
  return end + 4;
}

bool MessageHead::take(std::string_view bytes) {
  bytes_.assign(bytes);
  fields_.clear();
  std::string_view rest = bytes_;
  std::size_t end = rest.find("\r\n");
  first_line_ = rest.substr(0, end);
  rest.remove_prefix(end + 2);
  while (true) {
    end = rest.find("\r\n");
    if (end == std::string_view::npos) return false;
    if (end == 0) return true;
    const std::string_view line = rest.substr(0, end);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) return false;
    fields_.emplace_back(line.substr(0, colon), trim(line.substr(colon + 1)));
    rest.remove_prefix(end + 2);
  }
}

std::optional<std::string_view> MessageHead::find(std::string_view name) const {
  for (const auto& [field, value] : fields_) {
    if (equal_without_case(field, name)) return value;
  }
  return std::nullopt;
}

void BodyReader::start(Framing framing, std::uint64_t size) {
  framing_ = framing;
  left_ = size;
  line_.clear();
  switch (framing) {
    case Framing::none:
      state_ = State::done;
      break;
    case Framing::sized:
      state_ = size == 0 ? State::done : State::bytes;
      break;
    case Framing::chunked:
      state_ = State::size_line;
      break;
    case Framing::until_close:
      state_ = State::until_close;
      break;
  }
}

std::size_t BodyReader::feed(std::string_view in, std::string& out) {
  std::size_t used = 0;
  while (used < in.size() && !done() && !failed()) {
    const std::string_view rest = in.substr(used);
    if (state_ == State::until_close) {
      out.append(rest);
      return in.size();
    }
    if (state_ == State::bytes) {
      const auto take = static_cast<std::size_t>(std::min<std::uint64_t>(left_, rest.size()));
      out.append(rest.substr(0, take));
      left_ -= take;
      used += take;
      if (left_ == 0) state_ = framing_ == Framing::sized ? State::done : State::bytes_end;
      continue;
    }
    used += feed_line(rest);
  }
  return used;
}

std::size_t BodyReader::feed_line(std::string_view in) {
  const std::size_t end = in.find('\n');
  const std::size_t take = end == std::string_view::npos ? in.size() : end + 1;
  line_.append(in.substr(0, take));
  if (line_.size() > kMostLineBytes) state_ = State::failed;
  if (end != std::string_view::npos && !failed()) take_line();
  return take;
}

void BodyReader::take_line() {
  if (!line_.ends_with("\r\n")) {
    state_ = State::failed;
    return;
  }
  std::string_view text = std::string_view(line_).substr(0, line_.size() - 2);
  if (state_ == State::bytes_end) {
    state_ = text.empty() ? State::size_line : State::failed;
  } else if (state_ == State::trailer) {
    if (text.empty()) state_ = State::done;
  } else {
    text = text.substr(0, text.find(';'));
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), left_, 16);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    state_ = !whole ? State::failed : left_ == 0 ? State::trailer : State::bytes;
  }
  line_.clear();
}

void BodyReader::end_of_connection() {
  if (state_ == State::done) return;
  state_ = state_ == State::until_close ? State::done : State::failed;
}

}  // namespace albicilla::support
