// An answer cut into its choices: which raw messages each holds and how it ended. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "converter/reading/answer_members.h"
#include "converter/reading/items.h"
#include "converter/reading/request_slices.h"

namespace albicilla {

// Which API a request and its answer speak, as far as conversations are concerned.
enum class Api : std::uint8_t {
  chat,
  completions,  // the legacy one: a prompt, a text
  anthropic,
  responses,
  none,  // embeddings, audio, files and everything else that is no conversation
};
std::string_view to_string(Api api);

enum class Outcome : std::uint8_t {
  whole,
  cut,       // by a token limit or a broken stream
  filtered,  // by the provider
  failed,    // an error, or nothing was said
};

struct Choice {
  Shape shape = Shape::chat_message;
  Outcome outcome = Outcome::whole;
  // Its messages are [first, last) of AnswerSlices::messages.
  std::size_t first = 0;
  std::size_t last = 0;
};

struct AnswerSlices {
  std::vector<Choice> choices;
  std::vector<std::string_view> messages;  // raw values of their choice's shape
  std::string_view id;                     // without its quotes, empty when it has none
  std::string_view model;                  // raw value
  std::string_view usage;                  // raw value
  bool failed = false;                     // an error object instead of an answer

  void clear();
};

// By the dialect's name, or by the bodies when the name says nothing; `path` is the request's path
// or empty.
Api api_of(std::string_view dialect, std::string_view path, const RequestSlices& request,
           const AnswerMembers& response);

// Overwrites `answer`; `response` may be empty.
void slice_answer(Api api, const AnswerMembers& response, const KnownText& known,
                  AnswerSlices& answer);

}  // namespace albicilla
