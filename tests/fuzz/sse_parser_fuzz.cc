// Property: the events are the same wherever the bytes are cut, also when all are there at once.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "common/sse/sse_parser.h"
#include "common/sse/sse_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t step = bytes[0] % 16 + std::size_t{1};
  const std::string_view stream(reinterpret_cast<const char*>(bytes) + 1, size - 1);

  albicilla::SseParser whole_parser;
  auto whole = whole_parser.feed(stream);
  for (auto& event : whole_parser.finish()) whole.push_back(std::move(event));

  albicilla::SseParser cut_parser;
  std::vector<albicilla::SseEvent> cut;
  for (std::size_t at = 0; at < stream.size(); at += step) {
    for (auto& event : cut_parser.feed(stream.substr(at, step))) cut.push_back(std::move(event));
  }
  for (auto& event : cut_parser.finish()) cut.push_back(std::move(event));
  if (whole != cut) std::abort();

  std::vector<albicilla::SseEvent> read;
  albicilla::SseEvent event;
  for (albicilla::SseReader reader(stream); reader.next(event);) read.push_back(event);
  if (whole != read) std::abort();
  return 0;
}
