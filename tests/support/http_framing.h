// HTTP/1.1 message framing for the test programs: splits a head into views and takes a body out of
// its framing. Hand-made, so that neither the mock provider nor the load client shares a line with
// the proxy whose framing they check, and so that neither is the bottleneck of a bench.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace albicilla::support {

inline constexpr std::size_t kMostHeadBytes = 256 * 1024;

// Not copied: the views point into its own bytes.
class MessageHead {
 public:
  MessageHead() = default;
  MessageHead(const MessageHead&) = delete;
  MessageHead& operator=(const MessageHead&) = delete;

  // Takes a head up to and including its blank line. False when a line has no colon.
  bool take(std::string_view bytes);

  std::string_view first_line() const { return first_line_; }
  const std::vector<std::pair<std::string_view, std::string_view>>& fields() const {
    return fields_;
  }
  // The first field of that name, compared without case.
  std::optional<std::string_view> find(std::string_view name) const;

 private:
  std::string bytes_;
  std::string_view first_line_;
  std::vector<std::pair<std::string_view, std::string_view>> fields_;
};

// Size of the head at the start of `bytes`, with its blank line; nullopt when it is not whole yet.
std::optional<std::size_t> head_size(std::string_view bytes);

bool equal_without_case(std::string_view a, std::string_view b);
std::optional<std::uint64_t> parse_number(std::string_view text);

// Takes one body out of its framing; bytes come cut anywhere.
class BodyReader {
 public:
  enum class Framing { none, sized, chunked, until_close };

  void start(Framing framing, std::uint64_t size = 0);
  // Appends body bytes to `out` and returns how many bytes of `in` belonged to this message.
  std::size_t feed(std::string_view in, std::string& out);
  // The connection has ended: a body without framing is whole now.
  void end_of_connection();

  bool done() const { return state_ == State::done; }
  bool failed() const { return state_ == State::failed; }

 private:
  enum class State { size_line, bytes, bytes_end, trailer, until_close, done, failed };

  std::size_t feed_line(std::string_view in);
  void take_line();

  Framing framing_ = Framing::none;
  State state_ = State::done;
  std::uint64_t left_ = 0;
  std::string line_;
};

}  // namespace albicilla::support
