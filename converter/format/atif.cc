// Agent Trajectory Interchange Format 1.7: numbered steps, each answer with its calls and what came
// back. Sub-agents stand inside their parent's trajectory, named by the result of their call.
#include <algorithm>

#include "converter/format/calls.h"
#include "converter/format/registry.h"
#include "converter/format/row_check.h"
#include "converter/format/sides.h"

namespace albicilla {

namespace {

constexpr std::string_view kVersion = "ATIF-v1.7";

class TrajectoryWriter {
 public:
  explicit TrajectoryWriter(RowWriter& row) : row_(row) {}

  Status write(const Conversation& conversation, std::span<const SubAgent> children) {
    const Provenance& provenance = conversation.provenance;
    row_.begin_object().key("schema_version").plain(kVersion);
    row_.key("session_id").plain(provenance.session).key("trajectory_id").body(provenance.id);
    agent(conversation);
    row_.key("steps").begin_array();
    if (auto status = steps(conversation, children); !status) return status;
    row_.end_array();
    if (!children.empty()) {
      row_.key("subagent_trajectories").begin_array();
      for (const SubAgent& child : children) {
        auto status = TrajectoryWriter(row_).write(*child.conversation, child.children);
        if (!status) return status;
      }
      row_.end_array();
    }
    row_.key("final_metrics").begin_object().key("total_steps");
    row_.number(static_cast<std::int64_t>(step_)).end_object();
    row_.end_object();
    return {};
  }

 private:
  void agent(const Conversation& conversation) {
    const Provenance& provenance = conversation.provenance;
    row_.key("agent").begin_object().key("name");
    row_.body(provenance.client.empty() ? "unknown" : provenance.client);
    row_.key("version").plain("unknown");
    if (!provenance.models.empty()) row_.key("model_name").body(provenance.models.front());
    if (!conversation.tools.empty()) {
      row_.key("tool_definitions").begin_array();
      for (const Tool& tool : conversation.tools) {
        if (!tool.is_function) continue;
        row_.begin_object().key("type").plain("function").key("function");
        append_tool(row_, tool, {});
        row_.end_object();
      }
      row_.end_array();
    }
    row_.end_object();
  }

  void begin_step(std::string_view source, std::string_view message) {
    row_.begin_object().key("step_id").number(static_cast<std::int64_t>(++step_));
    row_.key("source").plain(source).key("message").plain(message);
  }

  Status steps(const Conversation& conversation, std::span<const SubAgent> children) {
    for (const Turn& turn : conversation.system) {
      if (auto status = only_parts(turn, {PartKind::text}); !status) return status;
      begin_step("system", turn_text(turn));
      row_.end_object();
    }
    for (std::size_t i = 0; i < conversation.turns.size(); ++i) {
      const Turn& turn = conversation.turns[i];
      if (turn.role == Role::assistant) {
        if (auto status = answer(conversation, i, children); !status) return status;
      } else if (turn.role != Role::tool) {
        if (auto status = only_parts(turn, {PartKind::text}); !status) return status;
        begin_step(turn.role == Role::user ? "user" : "system", turn_text(turn));
        row_.end_object();
      }
    }
    return {};
  }

  Status answer(const Conversation& conversation, std::size_t place,
                std::span<const SubAgent> children) {
    const Turn& turn = conversation.turns[place];
    auto fits =
        only_parts(turn, {PartKind::text, PartKind::refusal, PartKind::reasoning, PartKind::call});
    if (!fits) return fits;
    begin_step("agent", turn_text(turn) + turn_text(turn, PartKind::refusal));
    const std::string thoughts = turn_text(turn, PartKind::reasoning);
    if (!thoughts.empty()) row_.key("reasoning_content").plain(thoughts);
    if (!turn.observed) row_.key("is_copied_context").boolean(true);
    const auto calls = calls_of(turn);
    const auto number = static_cast<std::uint32_t>(place);
    if (!calls.empty()) row_.key("tool_calls").begin_array();
    for (std::uint32_t i = 0; i < calls.size(); ++i) {
      const std::string arguments = arguments_json(*calls[i]);
      if (!are_object(arguments)) return client_error("a call's arguments are no JSON object");
      row_.begin_object().key("tool_call_id").body(call_id(conversation, number, i));
      row_.key("function_name").string(calls[i]->name).key("arguments").raw(arguments);
      row_.end_object();
    }
    if (!calls.empty()) row_.end_array();
    if (auto status = observation(conversation, number, children); !status) return status;
    row_.end_object();
    return {};
  }

  Status observation(const Conversation& conversation, std::uint32_t place,
                     std::span<const SubAgent> children) {
    bool any = false;
    for (std::size_t i = place + 1; i < conversation.turns.size(); ++i) {
      const Turn& turn = conversation.turns[i];
      if (turn.role == Role::assistant) break;
      if (turn.role != Role::tool || turn.call_turn != place) continue;
      if (auto status = only_parts(turn, {PartKind::text}); !status) return status;
      if (!any) row_.key("observation").begin_object().key("results").begin_array();
      any = true;
      row_.begin_object().key("source_call_id").body(call_id(conversation, place, turn.call));
      row_.key("content").plain(turn_text(turn));
      reference(children, place, turn.call);
      row_.end_object();
    }
    if (any) row_.end_array().end_object();
    return {};
  }

  void reference(std::span<const SubAgent> children, std::uint32_t turn, std::uint32_t call) {
    bool any = false;
    for (const SubAgent& child : children) {
      if (child.turn != turn || child.call != call) continue;
      if (!any) row_.key("subagent_trajectory_ref").begin_array();
      any = true;
      row_.begin_object().key("trajectory_id").body(child.conversation->provenance.id);
      row_.end_object();
    }
    if (any) row_.end_array();
  }

  RowWriter& row_;
  std::size_t step_ = 0;
};

class TrajectoryRules {
 public:
  explicit TrajectoryRules(RowCheck& check) : check_(check) {}

  void trajectory(bool embedded) {
    Required required{"schema_version", "agent", "steps"};
    bool has_id = false;
    check_.object([&](std::string_view key) {
      required.see(key);
      has_id = has_id || key == "trajectory_id";
      if (key == "schema_version") {
        check_.string_one_of({kVersion});
      } else if (key == "session_id" || key == "trajectory_id") {
        check_.text();
      } else if (key == "agent") {
        agent();
      } else if (key == "steps") {
        steps();
      } else if (key == "final_metrics") {
        check_.object([&](std::string_view) { check_.number(); });
      } else if (key == "subagent_trajectories") {
        check_.array([this](std::size_t) { TrajectoryRules(check_).trajectory(true); });
      } else {
        check_.unknown(key);
      }
    });
    required.check(check_);
    if (embedded && !has_id) check_.fail("'trajectory_id' is missing");
  }

 private:
  void agent() {
    Required required{"name", "version"};
    check_.object([&](std::string_view key) {
      required.see(key);
      if (key == "name" || key == "version" || key == "model_name") {
        check_.text();
      } else if (key == "tool_definitions") {
        check_.array([this](std::size_t) { check_.any(); });
      } else {
        check_.unknown(key);
      }
    });
    required.check(check_);
  }

  void steps() {
    std::size_t count = 0;
    check_.array([&](std::size_t place) {
      step(place + 1);
      ++count;
    });
    if (count == 0) check_.fail("must not be empty");
  }

  void step(std::size_t number) {
    Required required{"step_id", "source", "message"};
    std::string source;
    calls_.clear();
    check_.object([&](std::string_view key) {
      required.see(key);
      const bool agents = source == "agent";
      if (key == "step_id") {
        if (check_.any() != std::to_string(number))
          check_.fail("must be " + std::to_string(number));
      } else if (key == "source") {
        source = check_.string_one_of({"system", "user", "agent"});
      } else if (key == "message" || (agents && key == "reasoning_content")) {
        check_.string();
      } else if (agents && key == "is_copied_context") {
        check_.boolean();
      } else if (agents && key == "tool_calls") {
        check_.array([this](std::size_t) { call(); });
      } else if (agents && key == "observation") {
        observation();
      } else {
        check_.unknown(key);
      }
    });
    required.check(check_);
  }

  void call() {
    Required required{"tool_call_id", "function_name", "arguments"};
    check_.object([&](std::string_view key) {
      required.see(key);
      if (key == "tool_call_id") {
        calls_.emplace_back(check_.text());
      } else if (key == "function_name") {
        check_.text();
      } else if (key == "arguments") {
        check_.object([&](std::string_view) { check_.any(); });
      } else {
        check_.unknown(key);
      }
    });
    required.check(check_);
  }

  void observation() {
    check_.object([this](std::string_view key) {
      if (key != "results") return check_.unknown(key);
      check_.array([this](std::size_t) { result(); });
    });
  }

  void result() {
    check_.object([this](std::string_view key) {
      if (key == "source_call_id") {
        const std::string id(check_.text());
        if (std::find(calls_.begin(), calls_.end(), id) == calls_.end()) {
          check_.fail("'" + id + "' is no call of this step");
        }
      } else if (key == "content") {
        check_.string();
      } else if (key == "subagent_trajectory_ref") {
        check_.array(
            [this](std::size_t) { check_.object([this](std::string_view) { check_.text(); }); });
      } else {
        check_.unknown(key);
      }
    });
  }

  RowCheck& check_;
  std::vector<std::string> calls_;
};

class Atif final : public DatasetFormat {
 public:
  std::string_view name() const override { return "atif"; }
  std::string_view summary() const override { return "agent trajectories with their sub-agents"; }
  bool nests_sub_agents() const override { return true; }

  Status append(const Conversation& conversation, std::span<const SubAgent> children,
                RowOutput out) const override {
    RowWriter row(out);
    return TrajectoryWriter(row).write(conversation, children);
  }

  Status check(RowInput row) const override {
    RowCheck check(row);
    TrajectoryRules(check).trajectory(false);
    return check.finish();
  }
};

}  // namespace

const DatasetFormat& atif_format() {
  static const Atif format;
  return format;
}

}  // namespace albicilla
