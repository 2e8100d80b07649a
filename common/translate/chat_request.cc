#include "common/translate/chat_request.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "common/base/crc32c.h"
#include "common/json/tree.h"
#include "common/translate/chat_messages.h"
#include "common/translate/error_shapes.h"
#include "common/translate/field_rules.h"

namespace albicilla {

namespace {

constexpr std::string_view kCaching = "the upstream caches prompts on its own";

constexpr std::array kRequestFields{
    FieldRule{"model"},
    FieldRule{"messages"},
    FieldRule{"system"},
    FieldRule{"max_tokens"},
    FieldRule{"temperature"},
    FieldRule{"top_p"},
    FieldRule{"stop_sequences"},
    FieldRule{"stream"},
    FieldRule{"tools"},
    FieldRule{"tool_choice"},
    FieldRule{"metadata"},
    FieldRule{"thinking"},
    FieldRule{"output_config"},
    FieldRule{"output_format"},
    FieldRule{"service_tier"},
    FieldRule{"mcp_servers"},
    FieldRule{"thread"},
    FieldRule{"top_k", "the upstream's API has none"},
    FieldRule{"cache_control", kCaching},
    FieldRule{"context_management", "the upstream gets the conversation as it was sent"},
    FieldRule{"diagnostics", "the upstream's API has none"},
    FieldRule{"speed", "the upstream's API has none"}};

constexpr std::array kToolFields{
    FieldRule{"type"},
    FieldRule{"name"},
    FieldRule{"description"},
    FieldRule{"input_schema"},
    FieldRule{"strict"},
    FieldRule{"allowed_callers"},
    FieldRule{"cache_control", kCaching},
    FieldRule{"defer_loading", "the upstream gets every tool at once"},
    FieldRule{"eager_input_streaming", "the upstream streams arguments as it likes"},
    FieldRule{"input_examples", "the upstream's API has none"}};

constexpr std::array kToolChoiceFields{FieldRule{"type"}, FieldRule{"name"},
                                       FieldRule{"disable_parallel_tool_use"}};
constexpr std::array kMetadataFields{FieldRule{"user_id"}};
constexpr std::array kThinkingFields{FieldRule{"type"}, FieldRule{"budget_tokens"},
                                     FieldRule{"display", "the upstream shows what it shows"}};
constexpr std::array kOutputFields{FieldRule{"effort"}, FieldRule{"format"}};
constexpr std::array kFormatFields{FieldRule{"type"}, FieldRule{"schema"}};
constexpr std::array kThreadFields{FieldRule{"type"}};

// OpenAI refuses longer ones; Claude Code's are longer.
constexpr std::size_t kMostUserBytes = 64;

// OpenAI's reasoning models take their limit only under the newer name, most other servers only
// under the older one. "o3-mini", "gpt-5.1", also behind a gateway's "openai/".
bool takes_completion_tokens(std::string_view model) {
  if (const std::size_t slash = model.rfind('/'); slash != std::string_view::npos) {
    model.remove_prefix(slash + 1);
  }
  const auto digit_at = [&](std::size_t at) {
    return at < model.size() && model[at] >= '0' && model[at] <= '9';
  };
  if (model.starts_with('o') && digit_at(1)) return true;
  return model.starts_with("gpt-") && digit_at(4) && (model[4] >= '5' || digit_at(5));
}

std::string_view effort_of_budget(std::int64_t tokens) {
  if (tokens <= 4096) return "low";
  return tokens <= 16384 ? "medium" : "high";
}

class ChatRequestWriter {
 public:
  explicit ChatRequestWriter(const Json& request) : in_(request) {}

  Result<TranslatedRequest> write() {
    Status status = check_fields(in_, kRequestFields, "", notes_);
    for (const auto step :
         {&ChatRequestWriter::add_messages, &ChatRequestWriter::add_limits,
          &ChatRequestWriter::add_tools, &ChatRequestWriter::add_tool_choice,
          &ChatRequestWriter::add_user, &ChatRequestWriter::add_thinking,
          &ChatRequestWriter::add_output_config, &ChatRequestWriter::refuse_server_side}) {
      if (status) status = (this->*step)();
    }
    if (!status) return status.error();
    add_stream();
    TranslatedRequest request;
    request.terms.model = in_.at("model").text();
    request.terms.streaming = streaming();
    request.body = dump_json(out_);
    request.notes = notes_.take();
    return request;
  }

 private:
  bool streaming() const { return in_.at("stream").boolean().value_or(false); }

  Status add_messages() {
    if (in_.at("model").is_string()) out_.set("model", in_.at("model"));
    const Json& turns = in_.at("messages");
    if (!turns.is_array()) return refused("messages", "expected an array");
    ChatMessages messages(notes_);
    Status status = messages.add_system(in_.at("system"));
    for (std::size_t i = 0; status && i < turns.elements().size(); ++i) {
      status = messages.add_turn(turns.elements()[i], place("messages", i));
    }
    if (!status) return status;
    if (!turns.elements().empty() && turns.elements().back().at("role").text() == "assistant") {
      return refused(place("messages", turns.elements().size() - 1),
                     "the last turn is the assistant's (prefill), which the upstream's API cannot "
                     "continue");
    }
    out_.set("messages", messages.take());
    return {};
  }

  Status add_limits() {
    if (!in_.at("max_tokens").is_null()) {
      const bool newer = takes_completion_tokens(in_.at("model").text());
      out_.set(newer ? "max_completion_tokens" : "max_tokens", in_.at("max_tokens"));
    }
    for (const char* name : {"temperature", "top_p"}) {
      if (!in_.at(name).is_null()) out_.set(name, in_.at(name));
    }
    if (!in_.at("stop_sequences").elements().empty()) out_.set("stop", in_.at("stop_sequences"));
    const std::string_view tier = in_.at("service_tier").text();
    if (tier == "standard_only") {
      out_.set("service_tier", "default");
    } else if (!tier.empty()) {
      out_.set("service_tier", tier);
    }
    return {};
  }

  Status add_tools() {
    const Json& tools = in_.at("tools");
    if (tools.elements().empty()) return {};
    Json out = Json::array();
    for (std::size_t i = 0; i < tools.elements().size(); ++i) {
      Status added = add_tool(tools.elements()[i], place("tools", i), out);
      if (!added) return added;
    }
    out_.set("tools", std::move(out));
    return {};
  }

  Status add_tool(const Json& tool, const std::string& where, Json& out) {
    const std::string_view type = tool.at("type").text();
    if (!type.empty() && type != "custom") {
      return refused(where,
                     "a tool that the other provider runs or knows (type) has no like in "
                     "the upstream's API");
    }
    Status checked = check_fields(tool, kToolFields, where, notes_);
    if (!checked) return checked;
    const Json::Array& callers = tool.at("allowed_callers").elements();
    if (!std::all_of(callers.begin(), callers.end(),
                     [](const Json& caller) { return caller.text() == "direct"; })) {
      return refused(place(where, "allowed_callers"), "only direct calls can be expressed");
    }
    Json function = Json::object({{"name", tool.at("name")}});
    if (!tool.at("description").is_null()) function.set("description", tool.at("description"));
    if (!tool.at("input_schema").is_null()) function.set("parameters", tool.at("input_schema"));
    if (!tool.at("strict").is_null()) function.set("strict", tool.at("strict"));
    out.push(Json::object({{"type", "function"}, {"function", std::move(function)}}));
    return {};
  }

  Status add_tool_choice() {
    const Json& choice = in_.at("tool_choice");
    if (choice.is_null()) return {};
    Status checked = check_fields(choice, kToolChoiceFields, "tool_choice", notes_);
    if (!checked) return checked;
    const std::string_view type = choice.at("type").text();
    if (type == "auto" || type == "none") {
      out_.set("tool_choice", type);
    } else if (type == "any") {
      out_.set("tool_choice", "required");
    } else if (type == "tool") {
      out_.set("tool_choice",
               Json::object({{"type", "function"},
                             {"function", Json::object({{"name", choice.at("name")}})}}));
    } else {
      return refused("tool_choice.type", "expected auto, any, tool or none");
    }
    if (choice.at("disable_parallel_tool_use").boolean().value_or(false)) {
      out_.set("parallel_tool_calls", false);
    }
    return {};
  }

  Status add_user() {
    const Json& metadata = in_.at("metadata");
    Status checked = check_fields(metadata, kMetadataFields, "metadata", notes_);
    if (!checked) return checked;
    std::string user(metadata.at("user_id").text());
    if (user.empty()) return {};
    if (user.size() > kMostUserBytes) {
      char digest[16];
      std::snprintf(digest, sizeof(digest), "~%08x", crc32c(user));
      std::size_t end = kMostUserBytes - 9;
      while (end > 0 && (static_cast<unsigned char>(user[end]) & 0xC0) == 0x80) --end;
      user = user.substr(0, end) + digest;
      notes_.add("metadata.user_id: shortened to the 64 bytes that the upstream takes");
    }
    out_.set("user", std::move(user));
    return {};
  }

  Status add_thinking() {
    const Json& thinking = in_.at("thinking");
    if (thinking.is_null()) return {};
    Status checked = check_fields(thinking, kThinkingFields, "thinking", notes_);
    if (!checked) return checked;
    const std::string_view type = thinking.at("type").text();
    if (type == "enabled") {
      const std::int64_t budget = thinking.at("budget_tokens").integer().value_or(0);
      out_.set("reasoning_effort", effort_of_budget(budget));
      notes_.add("thinking.budget_tokens: expressed as reasoning_effort");
    } else if (type != "disabled" && type != "adaptive" && type != "between_tools") {
      return refused("thinking.type", "expected enabled, disabled or adaptive");
    }
    return {};
  }

  Status add_output_config() {
    const Json& config = in_.at("output_config");
    Status checked = check_fields(config, kOutputFields, "output_config", notes_);
    if (!checked) return checked;
    const std::string_view effort = config.at("effort").text();
    if (!effort.empty()) out_.set("reasoning_effort", effort);
    const Json& format =
        config.at("format").is_null() ? in_.at("output_format") : config.at("format");
    if (format.is_null()) return {};
    checked = check_fields(format, kFormatFields, "output_config.format", notes_);
    if (!checked) return checked;
    if (format.at("type").text() != "json_schema") {
      return refused("output_config.format.type", "expected json_schema");
    }
    out_.set("response_format",
             Json::object({{"type", "json_schema"},
                           {"json_schema", Json::object({{"name", "answer"},
                                                         {"schema", format.at("schema")},
                                                         {"strict", true}})}}));
    return {};
  }

  // What the other provider's servers would do during the call.
  Status refuse_server_side() {
    if (!in_.at("mcp_servers").elements().empty()) {
      return refused("mcp_servers", "the upstream's API does not call MCP servers");
    }
    const Json& thread = in_.at("thread");
    if (thread.is_null()) return {};
    if (thread.at("type").text() != "create") return client_error(std::string(kThreadRefusal));
    notes_.add("thread: not kept, every turn must bring the whole conversation");
    return check_fields(thread, kThreadFields, "thread", notes_);
  }

  void add_stream() {
    if (in_.at("stream").is_null()) return;
    out_.set("stream", streaming());
    if (streaming()) {
      out_.set("stream_options", Json::object({{"include_usage", true}}));
    }
  }

  const Json& in_;
  Json out_ = Json::object();
  Notes notes_;
};

}  // namespace

Result<TranslatedRequest> chat_request_of(std::string_view body) {
  const Result<Json> request = parse_json(body);
  if (!request) return request.error();
  if (!request->is_object()) return client_error("the request must be a JSON object");
  return ChatRequestWriter(*request).write();
}

}  // namespace albicilla
