// ShareGPT as LLaMA-Factory reads it: even places are the human's or an observation, odd ones the
// model's or its calls, and their count is even. dataset_info.json tells it how to read the files.
#include <array>

#include "converter/format/calls.h"
#include "converter/format/registry.h"
#include "converter/format/row_check.h"
#include "converter/format/sides.h"
#include "converter/format/tagged_calls.h"

namespace albicilla {

namespace {

void add_message(RowWriter& row, std::string_view from, std::string_view text) {
  row.begin_object().key("from").plain(from).key("value").plain(text).end_object();
}

// Calls alone are a list (one call an object); with words beside them they are tagged text.
Status add_answer(RowWriter& row, const Turn& turn) {
  const auto calls = calls_of(turn);
  const bool only_calls = calls.size() == turn.parts.size() && !calls.empty();
  if (!only_calls) {
    auto text = tagged_answer(turn);
    if (!text) return text.error();
    add_message(row, "gpt", *text);
    return {};
  }
  std::string list;
  for (const Part* call : calls) {
    auto json = call_object(*call);
    if (!json) return json.error();
    list += (list.empty() ? "" : ",") + *json;
  }
  add_message(row, "function_call", calls.size() == 1 ? list : "[" + list + "]");
  return {};
}

// Several results are a list of texts; what the user adds behind them stands behind a blank line.
Status add_side(RowWriter& row, const Conversation& conversation, const Side& side) {
  std::vector<std::string> results;
  std::string words;
  for (const std::size_t i : side.turns) {
    const Turn& turn = conversation.turns[i];
    if (auto status = only_parts(turn, {PartKind::text}); !status) return status;
    if (turn.role == Role::tool) {
      results.push_back(turn_text(turn));
    } else {
      words += (words.empty() ? "" : "\n\n") + turn_text(turn);
    }
  }
  if (results.empty()) {
    add_message(row, "human", words);
    return {};
  }
  std::string text = results.front();
  if (results.size() > 1) {
    text.clear();
    RowWriter list(text);
    list.begin_array();
    for (const std::string& result : results) list.plain(result);
    list.end_array();
  }
  add_message(row, "observation", words.empty() ? text : text + "\n\n" + words);
  return {};
}

class ShareGpt final : public DatasetFormat {
 public:
  std::string_view name() const override { return "sharegpt"; }
  std::string_view summary() const override { return "ShareGPT for LLaMA-Factory"; }

  Status append(const Conversation& conversation, std::span<const SubAgent>,
                RowOutput out) const override {
    const auto sides = sides_of(conversation);
    if (!sides) return sides.error();
    const auto system = system_text(conversation);
    if (!system) return system.error();
    RowWriter row(out);
    row.begin_object().key("conversations").begin_array();
    for (const Side& side : *sides) {
      const Status status = side.assistant ? add_answer(row, conversation.turns[side.turns.front()])
                                           : add_side(row, conversation, side);
      if (!status) return status;
    }
    row.end_array().key("system").plain(*system);
    std::string tools;
    if (!conversation.tools.empty()) {
      RowWriter list(tools);
      list.begin_array();
      for (const Tool& tool : conversation.tools) {
        if (tool.is_function) append_tool(list, tool, {});
      }
      list.end_array();
    }
    row.key("tools").plain(tools).end_object();
    return {};
  }

  Status check(RowInput row) const override {
    RowCheck check(row);
    Required required{"conversations"};
    check.object([&](std::string_view key) {
      required.see(key);
      if (key == "conversations") {
        messages(check);
      } else if (key == "system" || key == "tools") {
        check.string();
      } else {
        check.unknown(key);
      }
    });
    required.check(check);
    return check.finish();
  }

  std::vector<Companion> companions(std::span<const std::string> data_files) const override {
    std::string info;
    RowWriter row(info);
    row.begin_object();
    for (const std::string& file : data_files) {
      std::string title = file.substr(0, file.find(".jsonl"));
      for (char& c : title) c = c == '/' ? '_' : c;
      row.key(title).begin_object().key("file_name").plain(file);
      row.key("formatting").plain("sharegpt");
      row.key("columns").raw(R"({"messages":"conversations","system":"system","tools":"tools"})");
      row.key("tags").raw(
          R"({"role_tag":"from","content_tag":"value","user_tag":"human","assistant_tag":"gpt",)"
          R"("observation_tag":"observation","function_tag":"function_call"})");
      row.end_object();
    }
    row.end_object();
    return {{"dataset_info.json", info + "\n"}};
  }

 private:
  static void messages(RowCheck& check) {
    std::size_t count = 0;
    check.array([&](std::size_t place) {
      Required required{"from", "value"};
      check.object([&](std::string_view key) {
        required.see(key);
        if (key == "from" && place % 2 == 0) {
          check.string_one_of({"human", "observation"});
        } else if (key == "from") {
          check.string_one_of({"gpt", "function_call"});
        } else if (key == "value") {
          check.string();
        } else {
          check.unknown(key);
        }
      });
      required.check(check);
      ++count;
    });
    if (count == 0 || count % 2 == 1) check.fail("must be an even number of messages");
  }
};

}  // namespace

const DatasetFormat& sharegpt_format() {
  static const ShareGpt format;
  return format;
}

}  // namespace albicilla
