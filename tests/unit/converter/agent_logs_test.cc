// Logs recorded from real agents (tests/golden/converter/agents) become the trajectories that a
// reader would write by hand: NAME.txt beside NAME.jsonl was.
#include <nlohmann/json.hpp>

#include "tests/unit/converter/conversion.h"

namespace albicilla {
namespace {

using Json = nlohmann::json;

// What is told of a trajectory: who says and calls what, and what comes back. Texts of the agents'
// vendors are "(left out N)" in the recorded lines and nothing here.
class Outline {
 public:
  explicit Outline(const Json& trajectory) : trajectory_(trajectory) {}

  std::string text(const std::string& indent) {
    for (const Json& step : trajectory_["steps"]) add(step, indent);
    return out_;
  }

 private:
  static std::string told(const std::string& text) {
    std::string told;
    std::istringstream paragraphs(text);
    for (std::string line; std::getline(paragraphs, line);) {
      if (line.empty() || line.starts_with("(left out ")) continue;
      told += (told.empty() ? "" : " / ") + line;
    }
    return told;
  }

  void add(const Json& step, const std::string& indent) {
    const auto source = step["source"].get<std::string>();
    const std::string message = told(step["message"].get<std::string>());
    if (step.contains("reasoning_content")) {
      out_ += indent + "thinks: " + told(step["reasoning_content"].get<std::string>()) + "\n";
    }
    if (!message.empty()) out_ += indent + source + ": " + message + "\n";
    if (!step.contains("tool_calls")) return;
    for (std::size_t i = 0; i < step["tool_calls"].size(); ++i) {
      const Json& call = step["tool_calls"][i];
      const Json& result = step["observation"]["results"].at(i);
      EXPECT_EQ(result["source_call_id"], call["tool_call_id"]);
      out_ += indent + "calls " + call["function_name"].get<std::string>() + " ";
      out_ += call["arguments"].dump() + "\n";
      if (result.contains("subagent_trajectory_ref")) add_sub_agent(result, indent + "    ");
      out_ += indent + "  -> " + told(result["content"].get<std::string>()) + "\n";
    }
  }

  void add_sub_agent(const Json& result, const std::string& indent) {
    const Json& id = result["subagent_trajectory_ref"][0]["trajectory_id"];
    for (const Json& inner : trajectory_["subagent_trajectories"]) {
      if (inner["trajectory_id"] == id) out_ += Outline(inner).text(indent);
    }
  }

  const Json& trajectory_;
  std::string out_;
};

class AgentLogs : public Conversion, public testing::WithParamInterface<const char*> {};

TEST_P(AgentLogs, BecomeTheTrajectoriesThatAReaderWouldWriteByHand) {
  const std::filesystem::path folder = golden_folder() / "agents";
  const std::string name = GetParam();
  write_log("2026-11-21/" + name + ".jsonl", bytes_of(folder / (name + ".jsonl")));
  choose("atif");
  run();
  std::string outlines;
  std::istringstream rows(written("conversations.jsonl"));
  for (std::string row; std::getline(rows, row);) {
    outlines += (outlines.empty() ? "" : "\n") + Outline(Json::parse(row)).text("");
  }
  EXPECT_EQ(outlines, bytes_of(folder / (name + ".txt")));
  EXPECT_EQ(written("rejects.jsonl"), "");
}

INSTANTIATE_TEST_SUITE_P(Recorded, AgentLogs,
                         testing::Values("claude", "team", "codex", "resumed"));

}  // namespace
}  // namespace albicilla
