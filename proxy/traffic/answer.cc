#include "proxy/traffic/answer.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "proxy/traffic/hop_fields.h"

namespace albicilla {
namespace {

// What a trailer must not say: framing, routing, authentication (RFC 9110, 6.5.1).
constexpr std::array<std::string_view, 10> kNotInTrailers{
    "transfer-encoding", "content-length", "host",      "content-encoding", "content-type",
    "authorization",     "set-cookie",     "x-api-key", "www-authenticate", "cookie"};

bool may_trail(const HopFields& hop, std::string_view name) {
  return !hop.contains(name) && std::none_of(kNotInTrailers.begin(), kNotInTrailers.end(),
                                             [&](auto each) { return same_name(each, name); });
}

}  // namespace

void append_answer_head(std::string& out, const ResponseHead& head, const AnswerFraming& framing) {
  out.append("HTTP/1.1 ").append(std::to_string(head.status)).append(" ");
  out.append(head.reason).append("\r\n");
  const HopFields hop(head.headers);
  const bool unchunked = framing.from == BodyFraming::chunked && framing.to != BodyFraming::chunked;
  for (const Header& field : head.headers) {
    if (framing.upgrade && same_name(field.name, "connection")) {
      out.append(field.name).append(": Upgrade\r\n");
      continue;
    }
    const bool belongs = framing.upgrade && same_name(field.name, "upgrade");
    if (hop.contains(field.name) && !belongs) continue;
    if (unchunked && same_name(field.name, "transfer-encoding")) continue;
    out.append(field.name).append(": ").append(field.value).append("\r\n");
  }
  if (!framing.keep_alive) {
    out.append("Connection: close\r\n");
  } else if (framing.client_minor_version == 0) {
    out.append("Connection: keep-alive\r\n");
  }
  out.append("\r\n");
}

void append_chunks(std::string& out, const std::vector<BodySlice>& slices) {
  for (const BodySlice& slice : slices) {
    if (slice.begins_chunk != 0) {
      std::array<char, 16> digits{};
      const auto end = std::to_chars(digits.begin(), digits.end(), slice.begins_chunk, 16).ptr;
      out.append(digits.data(), static_cast<std::size_t>(end - digits.data())).append("\r\n");
    }
    out.append(slice.bytes);
    if (slice.ends_chunk) out.append("\r\n");
  }
}

void append_plain(std::string& out, const std::vector<BodySlice>& slices) {
  for (const BodySlice& slice : slices) out.append(slice.bytes);
}

void append_last_chunk(std::string& out, const Headers& trailers) {
  out.append("0\r\n");
  const HopFields hop(trailers);
  for (const Header& field : trailers) {
    if (!may_trail(hop, field.name)) continue;
    out.append(field.name).append(": ").append(field.value).append("\r\n");
  }
  out.append("\r\n");
}

}  // namespace albicilla
