// What every dataset format promises, run for all of them.
#include <set>

#include "converter/format/registry.h"
#include "tests/unit/converter/conversion.h"

namespace albicilla {
namespace {

// The data file of a run: the one that is neither sidecar nor companion.
std::string data_of(const std::map<std::string, std::string>& files) {
  for (const auto& [name, content] : files) {
    const bool beside =
        name == "rejects.jsonl" || name == "dataset_info.json" || name.ends_with(".meta.jsonl");
    if (!beside) return content;
  }
  return "";
}

// The record that FORMATS.md shows under this heading.
std::string documented(const std::string& format) {
  static const std::string kPage =
      bytes_of(std::filesystem::path(ALBICILLA_SOURCE_DIR) / "converter/FORMATS.md");
  const std::size_t heading = kPage.find("\n## " + format + "\n");
  if (heading == std::string::npos) return "";
  const std::size_t from = kPage.find("```\n", heading) + 4;
  return kPage.substr(from, kPage.find("```\n", from) - from);
}

// Whose rows can be read in a test; Parquet's are read by tests/clients.
class EveryFormat : public Conversion, public testing::WithParamInterface<std::string> {
 protected:
  const DatasetFormat& format() { return *find_format(GetParam()); }

  std::string convert_golden(const std::string& folder) {
    options_.logs = golden_folder() / folder;
    choose(GetParam());
    const auto all = files();
    EXPECT_EQ(all.at("rejects.jsonl"), "");
    return data_of(all);
  }
};

TEST_P(EveryFormat, WritesWhatFormatsMdShows) {
  EXPECT_EQ(convert_golden("weather"), documented(GetParam()));
}

TEST_P(EveryFormat, WritesTheGoldenFile) {
  const std::string golden = bytes_of(golden_folder() / "formats" / (GetParam() + ".jsonl"));
  EXPECT_FALSE(golden.empty());
  EXPECT_EQ(convert_golden("example"), golden);
}

TEST_P(EveryFormat, AcceptsItsOwnRowAndNoOther) {
  std::string row = convert_golden("example");
  row.pop_back();
  EXPECT_TRUE(format().check(row));
  EXPECT_FALSE(format().check("{}"));
  EXPECT_FALSE(format().check("[]"));
  EXPECT_FALSE(format().check(""));
  EXPECT_FALSE(format().check(row + "x"));
  EXPECT_FALSE(format().check("{\"surprise\":1," + row.substr(1)));
}

// A rule is a promise to the target's reader, so no cut of a row may pass.
TEST_P(EveryFormat, RefusesARowThatIsCutAnywhere) {
  const std::string row = convert_golden("weather");
  const bool lines = format().container() == Container::file_per_row;
  for (std::size_t size = 0; size + 1 < row.size(); ++size) {
    const bool behind_a_line = row[size] == '\n' || (size > 0 && row[size - 1] == '\n');
    if (lines && behind_a_line) continue;  // a trace may end behind any message
    EXPECT_FALSE(format().check(row.substr(0, size))) << size;
  }
}

// Sessions with the same tools, other ones and none, calls among them; arguments as we would write
// them and otherwise.
std::vector<std::string> sessions_with_tools() {
  const auto tool = [](const std::string& name) {
    return R"({"type":"function","function":{"name":")" + name + R"(","description":"says )" +
           std::string(60, 'd') +
           R"(","parameters":{"type":"object","properties":{"b":{"type":"string"}}}}})";
  };
  const std::string one = R"("tools":[)" + tool("f") + "],";
  const std::string two = R"("tools":[ )" + tool("g") + ", " + tool("f") + "],";
  const std::string arguments[] = {R"({\"a\":1,\"b\":\"x\"})", R"({ \"b\": \"\u00e9\", \"a\": 1 })",
                                   "", R"(no JSON)"};
  std::vector<std::string> lines;
  for (const std::string& tools : {one, one, two, std::string(), one, two, two}) {
    const std::string number = std::to_string(lines.size());
    const std::string call =
        R"({"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":")" +
        arguments[lines.size() % 4] + R"("}}]},{"role":"tool","tool_call_id":"c","content":"r"},)";
    lines.push_back(
        R"({"timestamp":"2026-01-13T10:00:0)" + number + R"(Z","session_id":"s)" + number +
        R"(","request":{"model":"m",)" + tools + R"("messages":[{"role":"user","content":"u"},)" +
        (tools.empty() ? "" : call) +
        R"({"role":"user","content":"again"}]},"response":{"id":"r","model":"m","choices":[{"message":{"role":"assistant","content":"x"},"finish_reason":"stop"}]}})"
        "\n");
  }
  return lines;
}

TEST_P(EveryFormat, WritesARowTheSameWhateverRowsWereBeforeIt) {
  choose(GetParam());
  if (options_.per_file()) return;  // makes one record of a file
  std::string all;
  std::string alone;
  for (const std::string& line : sessions_with_tools()) {
    all += line;
    write_log("log.jsonl", line);
    alone += data_of(files());
  }
  write_log("log.jsonl", all);
  if (format().container() == Container::file_per_row) {
    all.clear();
    for (const auto& [name, content] : files()) {
      if (name != "rejects.jsonl" && !name.ends_with(".meta.jsonl")) all += content;
    }
    EXPECT_EQ(all.size(), alone.size());
  } else {
    EXPECT_EQ(data_of(files()), alone);
  }
}

std::vector<std::string> text_formats() {
  std::vector<std::string> names;
  for (const DatasetFormat* format : dataset_formats()) {
    if (format->container() != Container::parquet) names.emplace_back(format->name());
  }
  return names;
}

INSTANTIATE_TEST_SUITE_P(Registry, EveryFormat, testing::ValuesIn(text_formats()),
                         [](const auto& instance) {
                           std::string name = instance.param;
                           for (char& c : name) c = c == '-' ? '_' : c;
                           return name;
                         });

struct Breach {
  std::string format;
  std::string from;  // in the golden row
  std::string to;
  std::string reason;  // part of it
};

class Rules : public Conversion, public testing::WithParamInterface<Breach> {};

TEST_P(Rules, RefuseWhatTheTargetWould) {
  const Breach& breach = GetParam();
  std::string row = bytes_of(golden_folder() / "formats" / (breach.format + ".jsonl"));
  row.pop_back();
  const std::size_t at = row.find(breach.from);
  ASSERT_NE(at, std::string::npos);
  row.replace(at, breach.from.size(), breach.to);
  const auto status = find_format(breach.format)->check(row);
  ASSERT_FALSE(status);
  EXPECT_NE(status.error().message.find(breach.reason), std::string::npos)
      << status.error().message;
}

const std::vector<Breach> kBreaches = {
    {"openai", R"("arguments":"{\"path\":\"a.txt\"}")", R"("arguments":{"path":"a.txt"})",
     "must be a string"},
    {"openai", R"("tool_call_id":"call_a1")", R"("tool_call_id":"call_zz")", "no open call"},
    {"openai", R"({"role":"tool","content":"one line","tool_call_id":"call_a1"},)", "",
     "has no result"},
    {"openai", R"(,{"role":"assistant","content":"You are welcome.","weight":1})", "",
     "last message"},
    {"openai", R"("weight":1)", R"("weight":2)", "0 or 1"},
    {"openai", R"("name":"read_file","description")", R"("name":"write_file","description")",
     "not among the tools"},
    {"openai-dpo", R"("non_preferred_output")", R"("rejected_output")", "rejected_output"},
    {"openai-dpo", R"("preferred_output":[{"role":"assistant")",
     R"("preferred_output":[{"role":"user")", "one message of the assistant"},
    {"trl", R"("arguments":{"path":"a.txt"})", R"("arguments":"{}")", "object"},
    {"trl", R"("content":"Thanks!")", R"("content":null)", "string"},
    {"trl-prompt-completion", R"("completion":[{)", R"("completion":[],"x":[{)", "completion"},
    {"trl-preference", R"("chosen")", R"("preferred")", "preferred"},
    {"sharegpt", R"({"from":"human","value":"Thanks!"},)", "", "must be one of"},
    {"sharegpt", R"("from":"observation")", R"("from":"tool")", "must be one of"},
    {"hermes", R"(<|im_start|>tool\n)", R"(<|im_start|>function\n)", "function"},
    {"hermes", R"(You are welcome.<|im_end|>)", R"(You are welcome.)", "closed"},
    {"mistral", R"("id":"Y3ZhiFsXr")", R"("id":"Y3ZhiFsX")", "nine"},
    {"bedrock", "bedrock-conversation-2024", "bedrock-conversation-2023", "schemaVersion"},
    {"bedrock", R"("toolUseId":"call_a1","content")", R"("toolUseId":"call_q","content")",
     "no open call"},
    {"bedrock", R"({"role":"user","content":[{"text":"Thanks!"}]},)", "", "role"},
    {"gemini", R"({"functionResponse":{"name":"read_file","response":{"result":"one line"}}},)", "",
     "functionResponse"},
    {"gemini", R"("role":"model")", R"("role":"assistant")", "role"},
    {"anthropic", R"("tool_use_id":"call_a1")", R"("tool_use_id":"call_q")", "no open call"},
    {"anthropic", R"("input":{"path":"a.txt"})", R"("input":"a.txt")", "object"},
    {"anthropic", R"("type":"text","text":"Thanks!")", R"("type":"thinking","thinking":"x")",
     "cannot be"},
    {"atif", R"("step_id":3)", R"("step_id":4)", "must be 3"},
    {"atif", R"("source_call_id":"call_a1")", R"("source_call_id":"call_q")", "no call"},
    {"atif", R"("source":"agent")", R"("source":"robot")", "must be one of"},
    {"sts", R"({"type":"session")", R"({"type":"message")", ""},
    {"sts", R"("role":"tool")", R"("role":"function")", "must be one of"},
    {"otel", R"("gen_ai.operation.name":"chat",)", "", "gen_ai.operation.name"},
    {"otel", R"("type":"tool_call","id")", R"("type":"call","id")", "must be one of"},
};

INSTANTIATE_TEST_SUITE_P(Targets, Rules, testing::ValuesIn(kBreaches), [](const auto& instance) {
  std::string name = instance.param.format + std::to_string(instance.index);
  for (char& c : name) c = c == '-' ? '_' : c;
  return name;
});

// As Claude Code sends them: behind the first question, and again later.
class SystemBetween : public Conversion, public testing::WithParamInterface<std::string> {};

TEST_P(SystemBetween, HasAPlaceInFormatsOfTwoSpeakers) {
  choose(GetParam());
  write_log("s.jsonl",
            R"({"timestamp":"2026-01-13T10:00:00+00:00","session_id":"s","request":{"messages":[)"
            R"({"role":"system","content":"S0"},{"role":"user","content":"U1"},)"
            R"({"role":"system","content":"S1"},{"role":"assistant","content":"A1"},)"
            R"({"role":"user","content":"U2"},{"role":"system","content":"S2"}]},)"
            R"("response":{"choices":[{"message":{"role":"assistant","content":"A2"}}]}})"
            "\n");
  const auto all = files();
  EXPECT_EQ(all.at("rejects.jsonl"), "");
  const std::string row = data_of(all);
  const std::size_t first_answer = row.find("A1");
  for (const std::string said : {"S0", "S1", "U1", "U2", "S2"}) {
    const std::size_t at = row.find(said);
    ASSERT_NE(at, std::string::npos) << said;
    // sharegpt and anthropic write the system prompt beside the messages.
    if (said[0] == 'U' || said == "S2") {
      EXPECT_EQ(at < first_answer, said == "U1") << said;
    }
  }
  EXPECT_LT(row.find("U2"), row.find("S2"));
  EXPECT_LT(row.find("S2"), row.find("A2"));
}

INSTANTIATE_TEST_SUITE_P(TwoSpeakers, SystemBetween,
                         testing::Values("sharegpt", "hermes", "bedrock", "gemini", "anthropic"),
                         [](const auto& instance) { return instance.param; });

TEST(Formats, HaveNamesOfTheirOwn) {
  const auto names = text_formats();
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
  EXPECT_EQ(find_format("nothing"), nullptr);
}

}  // namespace
}  // namespace albicilla
