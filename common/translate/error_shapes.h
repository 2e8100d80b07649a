// Errors in the two APIs' shapes: the upstream's in the client's words, with its status, and our
// own. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/json/tree.h"

namespace albicilla {

// Anthropic's error types go with the status: 429 is "rate_limit_error", 529 "overloaded_error".
std::string_view anthropic_error_type(std::uint16_t status);

// {"type":"error","error":{"type","message"}}
Json anthropic_error(std::string_view type, std::string_view message);
// {"error":{"message","type","param","code"}}
Json openai_error(std::string_view type, std::string_view message);

// What an upstream's error body says; of a body that is no JSON the beginning of its text.
struct UpstreamComplaint {
  std::string message;
  std::string type;  // as the upstream names it, perhaps empty
  Json code;         // null when absent
  Json param;
};
UpstreamComplaint read_complaint(std::string_view body);

// The refusal of `thread: {"type":"continue"}`; Anthropic's clients read its error code and send
// the whole conversation then.
inline constexpr std::string_view kThreadRefusal =
    "thread: no thread is kept by the upstream, send the whole conversation";

// Bodies for the client.
std::string anthropic_error_body(std::uint16_t status, std::string_view message);
std::string openai_error_body(std::uint16_t status, std::string_view message);
std::string anthropic_body_of(std::uint16_t status, const UpstreamComplaint& complaint);
std::string openai_body_of(std::uint16_t status, const UpstreamComplaint& complaint);

}  // namespace albicilla
