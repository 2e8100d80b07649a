// Starts our programs the way the predecessors' documents say theirs are started: in a directory of
// their own, with the documented words. Only the provider's address and the port are put in.
#pragma once

#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/pipeline/pipeline.h"
#include "tests/support/sha256.h"

namespace albicilla::support {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

inline std::string sha256_of(std::string_view bytes) {
  Sha256 sum;
  sum.add(bytes);
  return sum.hex();
}

using Fields = std::vector<std::pair<std::string, std::string>>;

struct Ran {
  int status = -1;
  std::string output;  // stdout and stderr
};

class DocumentedTest : public testing::Test {
 protected:
  // "UPSTREAM" and "PORT" in a word or a file stand for the provider's URL and a free port.
  void write(const std::string& name, const std::string& text) {
    tests::write_whole_file(directory_.path(name), put_in(text));
  }

  // Runs in the directory until it is ready.
  void start(std::vector<std::string> words, std::vector<std::string> environment = {}) {
    proxy_ = std::make_unique<ChildProcess>(
        command_of("albicilla-proxy", std::move(words), std::move(environment), "proxy.out"));
    const bool ready = eventually(
        [this] { return !proxy_->running() || ask(port_, {.target = "/readyz"}).status == 200; });
    ASSERT_TRUE(ready && proxy_->running()) << said();
  }

  // Runs to its end.
  Ran run(const std::string& program, std::vector<std::string> words,
          std::vector<std::string> environment = {}) {
    const std::string name = "run" + std::to_string(++runs_) + ".out";
    ChildProcess child(command_of(program, std::move(words), std::move(environment), name));
    Ran ran;
    ran.status = child.wait(kPatience).value_or(-1);
    ran.output = tests::bytes_of_file(directory_.path(name));
    return ran;
  }

  void TearDown() override {
    if (proxy_ && proxy_->running()) {
      proxy_->signal(SIGTERM);
      EXPECT_EQ(proxy_->wait(kPatience).value_or(-1), 0);
    }
    if (HasFailure()) std::cerr << said();
  }

  Reply get(const std::string& target, Fields fields = {}) {
    return ask(port_, {.target = target, .fields = std::move(fields)});
  }
  Reply post(const std::string& target, const std::string& body, Fields fields = {}) {
    fields.emplace_back("Content-Type", "application/json");
    return ask(port_,
               {.method = "POST", .target = target, .fields = std::move(fields), .body = body});
  }
  Reply chat(Fields fields = {}, const std::string& marker = "m-1") {
    return post("/v1/chat/completions", chat_body(marker), std::move(fields));
  }
  static std::string chat_body(const std::string& marker, const std::string& more = {}) {
    return R"({"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hello! [[marker )" +
           marker + R"(]]"}])" + more + "}";
  }

  // The lines below `root`, once there are `count`.
  std::vector<Line> lines(std::size_t count, const std::string& root = "proxy_logs") {
    std::vector<Line> found;
    EXPECT_TRUE(eventually([&] {
      found = lines_now(directory_.path(root));
      return found.size() >= count;
    })) << root;
    return found;
  }

  // What the provider got for a marker: the values of a header, in order.
  std::vector<std::string> upstream_values(const json& entry, std::string_view name) {
    std::vector<std::string> values;
    for (const json& field : entry["request_fields"]) {
      std::string lower = field[0];
      for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      if (lower == name) values.push_back(field[1]);
    }
    return values;
  }

  std::string port_text() const { return std::to_string(port_); }
  std::string said() const { return tests::bytes_of_file(directory_.path("proxy.out")); }
  std::filesystem::path path(const std::string& name) const { return directory_.path(name); }

  tests::ScratchDirectory directory_;
  MockProvider provider_{directory_.path()};
  std::uint16_t port_ = free_port();
  std::unique_ptr<ChildProcess> proxy_;

 private:
  std::string put_in(std::string text) const {
    for (const auto& [word, value] :
         {std::pair<std::string, std::string>{"UPSTREAM", provider_.url()},
          {"PORT", std::to_string(port_)}}) {
      // Only where it stands alone and names no variable.
      for (std::size_t at = text.find(word); at != std::string::npos;
           at = text.find(word, at + 1)) {
        const char before = at == 0 ? ' ' : text[at - 1];
        const std::size_t end = at + word.size();
        const char after = end == text.size() ? ' ' : text[end];
        const auto is_name = [](char c) {
          return std::isalpha(static_cast<unsigned char>(c)) || c == '_';
        };
        if (is_name(before) || is_name(after) || after == '=') continue;
        text.replace(at, word.size(), value);
      }
    }
    return text;
  }

  ChildProcess::Command command_of(const std::string& program, std::vector<std::string> words,
                                   std::vector<std::string> environment,
                                   const std::string& output) {
    ChildProcess::Command command;
    command.arguments = {binary(program)};
    for (const std::string& word : words) command.arguments.push_back(put_in(word));
    for (const std::string& variable : environment) command.environment.push_back(put_in(variable));
    command.directory = directory_.path();
    command.output = directory_.path(output);
    return command;
  }

  static std::vector<Line> lines_now(const std::filesystem::path& root) {
    std::vector<Line> found;
    if (!std::filesystem::exists(root)) return found;
    for (auto it = std::filesystem::recursive_directory_iterator(root);
         it != std::filesystem::recursive_directory_iterator(); ++it) {
      if (it->path().filename().string().starts_with('.')) {
        it.disable_recursion_pending();
      } else if (it->path().extension() == ".jsonl") {
        std::ifstream file(it->path(), std::ios::binary);
        for (std::string text; std::getline(file, text) && !file.eof();) {
          auto parsed = nlohmann::ordered_json::parse(text, nullptr, false);
          found.push_back({it->path().lexically_relative(root), text, std::move(parsed)});
        }
      }
    }
    return found;
  }

  int runs_ = 0;
};

}  // namespace albicilla::support
