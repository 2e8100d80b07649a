#include "common/translate/messages_request.h"

#include <array>
#include <optional>
#include <utility>

#include "common/json/tree.h"
#include "common/translate/field_rules.h"
#include "common/translate/messages_turns.h"

namespace albicilla {

namespace {

constexpr std::string_view kCaching = "the upstream's API marks caching otherwise";
constexpr std::string_view kStoring = "the upstream stores nothing for its clients";

constexpr std::array kRequestFields{
    FieldRule{"model"},
    FieldRule{"messages"},
    FieldRule{"max_tokens"},
    FieldRule{"max_completion_tokens"},
    FieldRule{"temperature"},
    FieldRule{"top_p"},
    FieldRule{"stop"},
    FieldRule{"stream"},
    FieldRule{"stream_options"},
    FieldRule{"tools"},
    FieldRule{"tool_choice"},
    FieldRule{"parallel_tool_calls"},
    FieldRule{"response_format"},
    FieldRule{"reasoning_effort"},
    FieldRule{"user"},
    FieldRule{"safety_identifier"},
    FieldRule{"service_tier"},
    FieldRule{"n"},
    FieldRule{"modalities"},
    FieldRule{"frequency_penalty"},
    FieldRule{"presence_penalty"},
    FieldRule{"logprobs"},
    FieldRule{"logit_bias"},
    FieldRule{"verbosity"},
    FieldRule{"seed", "the upstream's API has none; OpenAI's own is best effort"},
    FieldRule{"store", kStoring},
    FieldRule{"metadata", kStoring},
    FieldRule{"prediction", "it only makes answers faster"},
    FieldRule{"prompt_cache_key", kCaching},
    FieldRule{"prompt_cache_options", kCaching},
    FieldRule{"prompt_cache_retention", kCaching}};

constexpr std::array kToolFields{FieldRule{"type"}, FieldRule{"function"}};
constexpr std::array kFunctionFields{FieldRule{"name"}, FieldRule{"description"},
                                     FieldRule{"parameters"}, FieldRule{"strict"}};
constexpr std::array kStreamFields{FieldRule{"include_usage"},
                                   FieldRule{"include_obfuscation", "the upstream's API has none"}};
constexpr std::array kSchemaFields{FieldRule{"name", "the upstream's API names no schemas"},
                                   FieldRule{"description", "the upstream's API names no schemas"},
                                   FieldRule{"strict", "the upstream is always strict"},
                                   FieldRule{"schema"}};

class MessagesRequestWriter {
 public:
  explicit MessagesRequestWriter(const Json& request) : in_(request) {}

  Result<TranslatedRequest> write() {
    Status status = check_fields(in_, kRequestFields, "", notes_);
    for (const auto step :
         {&MessagesRequestWriter::refuse_what_has_no_like, &MessagesRequestWriter::add_limits,
          &MessagesRequestWriter::add_messages, &MessagesRequestWriter::add_sampling,
          &MessagesRequestWriter::add_tools, &MessagesRequestWriter::add_tool_choice,
          &MessagesRequestWriter::add_effort, &MessagesRequestWriter::add_format,
          &MessagesRequestWriter::add_stream}) {
      if (status) status = (this->*step)();
    }
    if (!status) return status.error();
    TranslatedRequest request;
    request.terms.model = in_.at("model").text();
    request.terms.streaming = in_.at("stream").boolean().value_or(false);
    request.terms.usage_in_stream =
        in_.at("stream_options").at("include_usage").boolean().value_or(false);
    request.body = dump_json(out_);
    request.notes = notes_.take();
    return request;
  }

 private:
  // Fields that change the answer and have no like: only their neutral value passes.
  Status refuse_what_has_no_like() {
    if (in_.at("n").integer().value_or(1) != 1) {
      return refused("n", "the upstream's API gives one choice");
    }
    for (const char* name : {"frequency_penalty", "presence_penalty"}) {
      if (in_.at(name).number().value_or(0) != 0) {
        return refused(name, "the upstream's API has none");
      }
    }
    if (in_.at("logprobs").boolean().value_or(false)) {
      return refused("logprobs", "the upstream's API has none");
    }
    if (!in_.at("logit_bias").members().empty()) {
      return refused("logit_bias", "the upstream's API has none");
    }
    for (const Json& modality : in_.at("modalities").elements()) {
      if (modality.text() != "text") return refused("modalities", "the upstream answers in text");
    }
    const std::string_view verbosity = in_.at("verbosity").text();
    if (!verbosity.empty() && verbosity != "medium") {
      return refused("verbosity", "the upstream's API has none");
    }
    return {};
  }

  Status add_limits() {
    if (in_.at("model").is_string()) out_.set("model", in_.at("model"));
    const Json& newer = in_.at("max_completion_tokens");
    const Json& limit = newer.is_null() ? in_.at("max_tokens") : newer;
    if (limit.is_null()) {
      out_.set("max_tokens", kUsualMaxTokens);
      notes_.add("max_tokens: " + std::to_string(kUsualMaxTokens) +
                 " sent, the upstream's API wants a limit");
    } else {
      out_.set("max_tokens", limit);
    }
    return {};
  }

  Status add_messages() {
    const Json& messages = in_.at("messages");
    if (!messages.is_array()) return refused("messages", "expected an array");
    MessagesTurns turns(notes_);
    for (std::size_t i = 0; i < messages.elements().size(); ++i) {
      Status added = turns.add(messages.elements()[i], place("messages", i));
      if (!added) return added;
    }
    Json system = turns.take_system();
    if (!system.elements().empty()) out_.set("system", std::move(system));
    Json all = turns.take_turns();
    if (!all.elements().empty() && all.elements().back().at("role").text() == "assistant") {
      // There it would be a prefill to go on from; here it asks for a new message.
      return refused(place("messages", messages.elements().size() - 1),
                     "the last message is the assistant's, the upstream's API would continue it");
    }
    out_.set("messages", std::move(all));
    return {};
  }

  Status add_sampling() {
    const std::optional<double> temperature = in_.at("temperature").number();
    if (temperature.value_or(0) > 1) {
      return refused("temperature", "1 is the highest that the upstream's API knows");
    }
    for (const char* name : {"temperature", "top_p"}) {
      if (!in_.at(name).is_null()) out_.set(name, in_.at(name));
    }
    const Json& stop = in_.at("stop");
    if (stop.is_string()) out_.set("stop_sequences", Json::array({stop}));
    if (!stop.elements().empty()) out_.set("stop_sequences", stop);
    const Json& identifier = in_.at("safety_identifier");
    const Json& user = identifier.is_null() ? in_.at("user") : identifier;
    if (!user.text().empty()) out_.set("metadata", Json::object({{"user_id", user}}));
    return add_service_tier();
  }

  Status add_service_tier() {
    const std::string_view tier = in_.at("service_tier").text();
    if (tier == "default" || tier == "flex") {
      out_.set("service_tier", "standard_only");
    } else if (!tier.empty()) {
      out_.set("service_tier", "auto");
    }
    if (tier == "flex") notes_.add("service_tier: flex sent as standard_only");
    return {};
  }

  Status add_tools() {
    const Json::Array& tools = in_.at("tools").elements();
    if (tools.empty()) return {};
    Json out = Json::array();
    for (std::size_t i = 0; i < tools.size(); ++i) {
      const std::string where = place("tools", i);
      if (tools[i].at("type").text() != "function") {
        return refused(place(where, "type"), "only function tools can be expressed");
      }
      const Json& function = tools[i].at("function");
      Status checked = check_fields(tools[i], kToolFields, where, notes_);
      if (checked) {
        checked = check_fields(function, kFunctionFields, place(where, "function"), notes_);
      }
      if (!checked) return checked;
      Json tool = Json::object({{"name", function.at("name")}});
      if (!function.at("description").is_null()) {
        tool.set("description", function.at("description"));
      }
      tool.set("input_schema", function.at("parameters").is_null()
                                   ? Json::object({{"type", "object"}})
                                   : function.at("parameters"));
      if (function.at("strict").boolean().value_or(false)) tool.set("strict", true);
      out.push(std::move(tool));
    }
    out_.set("tools", std::move(out));
    return {};
  }

  Status add_tool_choice() {
    const Json& choice = in_.at("tool_choice");
    Json out;
    if (choice.is_string()) {
      const std::string_view word = choice.text();
      if (word != "auto" && word != "none" && word != "required") {
        return refused("tool_choice", "expected auto, none, required or a function");
      }
      out = Json::object({{"type", word == "required" ? std::string_view("any") : word}});
    } else if (choice.is_object()) {
      if (choice.at("type").text() != "function") {
        return refused("tool_choice.type", "only a function can be chosen");
      }
      out = Json::object({{"type", "tool"}, {"name", choice.at("function").at("name")}});
    }
    const bool one_at_a_time = !in_.at("parallel_tool_calls").boolean().value_or(true);
    if (one_at_a_time && !in_.at("tools").elements().empty()) {
      if (out.is_null()) out = Json::object({{"type", "auto"}});
      if (out.at("type").text() != "none") out.set("disable_parallel_tool_use", true);
    }
    if (!out.is_null()) out_.set("tool_choice", std::move(out));
    return {};
  }

  Status add_effort() {
    const std::string_view effort = in_.at("reasoning_effort").text();
    if (effort.empty()) return {};
    if (effort == "none") {
      out_.set("thinking", Json::object({{"type", "disabled"}}));
      return {};
    }
    out_.set("thinking", Json::object({{"type", "adaptive"}}));
    if (effort == "minimal") notes_.add("reasoning_effort: minimal sent as low");
    out_.set("output_config",
             Json::object({{"effort", effort == "minimal" ? std::string_view("low") : effort}}));
    return {};
  }

  Status add_format() {
    const Json& format = in_.at("response_format");
    const std::string_view type = format.at("type").text();
    if (format.is_null() || type == "text") return {};
    if (type != "json_schema") {
      return refused("response_format.type",
                     "the upstream's API answers in JSON only by a schema (json_schema)");
    }
    const Json& schema = format.at("json_schema");
    Status checked = check_fields(schema, kSchemaFields, "response_format.json_schema", notes_);
    if (!checked) return checked;
    Json config = out_.at("output_config");
    config.set("format", Json::object({{"type", "json_schema"}, {"schema", schema.at("schema")}}));
    out_.set("output_config", std::move(config));
    return {};
  }

  Status add_stream() {
    if (in_.at("stream").boolean().value_or(false)) out_.set("stream", true);
    return check_fields(in_.at("stream_options"), kStreamFields, "stream_options", notes_);
  }

  const Json& in_;
  Json out_ = Json::object();
  Notes notes_;
};

}  // namespace

Result<TranslatedRequest> messages_request_of(std::string_view body) {
  const Result<Json> request = parse_json(body);
  if (!request) return request.error();
  if (!request->is_object()) return client_error("the request must be a JSON object");
  return MessagesRequestWriter(*request).write();
}

}  // namespace albicilla
