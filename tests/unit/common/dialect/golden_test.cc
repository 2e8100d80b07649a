// Every tests/golden/<dialect>/<case>.sse must assemble to <case>.json, byte for byte but for white
// space between tokens; tests/golden/README.md says how cases are made.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "common/dialect/registry.h"
#include "common/json/scan.h"
#include "common/sse/sse_reader.h"

namespace albicilla {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<fs::path> streams() {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::recursive_directory_iterator(ALBICILLA_SOURCE_DIR "/tests/golden")) {
    if (entry.path().extension() == ".sse") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::optional<std::string> assemble(const fs::path& path, std::size_t step) {
  const auto assembler = dialect_named(path.parent_path().filename().string()).assembler();
  if (assembler == nullptr) return std::nullopt;
  const std::string stream = read(path);
  if (step == 0) {
    SseEvent event;
    for (SseReader reader(stream); reader.next(event);) assembler->feed(event);
    return assembler->finish();
  }
  SseParser parser;
  for (std::size_t at = 0; at < stream.size(); at += step) {
    for (const SseEvent& event : parser.feed(std::string_view(stream).substr(at, step))) {
      assembler->feed(event);
    }
  }
  for (const SseEvent& event : parser.finish()) assembler->feed(event);
  return assembler->finish();
}

class Golden : public testing::TestWithParam<fs::path> {};

TEST_P(Golden, StreamAssemblesToTheObject) {
  const auto assembled = assemble(GetParam(), 0);
  const std::string expected_text = read(fs::path(GetParam()).replace_extension(".json"));
  if (expected_text == "raw text\n") {
    EXPECT_EQ(assembled, std::nullopt);
    return;
  }
  ASSERT_TRUE(assembled);
  ASSERT_TRUE(check_json(*assembled)) << *assembled;
  std::string expected;
  append_minified(expected, expected_text);
  std::string got;
  append_minified(got, *assembled);
  EXPECT_EQ(got, expected);
}

TEST_P(Golden, IsTheSameWhereverTheBytesAreCut) {
  const auto whole = assemble(GetParam(), 0);
  for (const std::size_t step : {1U, 2U, 3U, 7U, 64U}) EXPECT_EQ(assemble(GetParam(), step), whole);
}

// A different number of spaces in front of each event's data: no event repeats another one's bytes,
// so each is taken apart.
TEST_P(Golden, IsTheSameWithoutTheShortCutForRepeatedEvents) {
  const auto whole = assemble(GetParam(), 0);
  if (whole && whole->find("unassembled") != std::string::npos) return;  // holds the spaces, too
  const std::string stream = read(GetParam());
  const auto assembler = dialect_named(GetParam().parent_path().filename().string()).assembler();
  std::string spaces;
  SseEvent event;
  for (SseReader reader(stream); reader.next(event); spaces.push_back(' ')) {
    if (event.data != "[DONE]") event.data.insert(0, spaces);
    assembler->feed(event);
  }
  EXPECT_EQ(assembler->finish(), whole);
}

std::string case_name(const testing::TestParamInfo<fs::path>& info) {
  return info.param.parent_path().filename().string() + "_" + info.param.stem().string();
}

INSTANTIATE_TEST_SUITE_P(Streams, Golden, testing::ValuesIn(streams()), case_name);

}  // namespace
}  // namespace albicilla
