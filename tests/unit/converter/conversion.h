// A whole conversion in a test: log files in, files out, in a folder of its own.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "converter/steps.h"

namespace albicilla {

// The golden files of the converter.
inline std::filesystem::path golden_folder() {
  return std::filesystem::path(ALBICILLA_SOURCE_DIR) / "tests/golden/converter";
}

inline std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Relative path -> content of every file below `root`.
inline std::map<std::string, std::string> tree_of(const std::filesystem::path& root) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (!entry.is_regular_file()) continue;
    files[entry.path().lexically_relative(root).string()] = bytes_of(entry.path());
  }
  return files;
}

class Conversion : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "albicilla-conv-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
    options_.logs = root_ / "logs";
    options_.output = root_ / "out";
    std::filesystem::create_directories(options_.logs);
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  // As `--format NAME --single-file`.
  void choose(const std::string& format) {
    options_.format = find_format(format);
    options_.single_file = true;
    options_.meta = MetaPlace::sidecar;
    options_.rejects = options_.output / "rejects.jsonl";
  }

  void write_log(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((options_.logs / name).parent_path());
    std::ofstream(options_.logs / name, std::ios::binary) << text;
  }

  std::string run(int code = kExitOk) {
    std::ostringstream out;
    EXPECT_EQ(convert(options_, out), code) << out.str();
    return out.str();
  }

  // All files of a fresh output folder.
  std::map<std::string, std::string> files() {
    std::filesystem::remove_all(options_.output);
    run();
    return tree_of(options_.output);
  }

  std::string written(const std::string& name) { return bytes_of(options_.output / name); }

  std::filesystem::path root_;
  ConvertOptions options_;
};

}  // namespace albicilla
