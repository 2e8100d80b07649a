#include "proxy/config/layout_middlewares.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "common/base/nearest.h"

namespace albicilla {

namespace {

enum class OptionKind { text, size, yes_no, ignored };

// One key of a middleware's config and what the sink calls it. A switch is said only where it
// differs from the sink's own default.
struct LayoutOption {
  std::string_view key;
  OptionKind kind;
  std::string_view flag;  // yes_no: given for false
  std::string_view fallback;
};

struct LayoutMiddleware {
  std::string_view type;
  std::string_view layout;
  std::string_view directory;
  std::span<const LayoutOption> options;
};

constexpr LayoutOption kTraceOptions[] = {
    {"directory", OptionKind::ignored, "", ""},  // stands in --layout
    {"include_headers", OptionKind::yes_no, "--trace-no-headers", "true"},
    {"include_body", OptionKind::yes_no, "--trace-no-body", "true"},
    {"max_body_size", OptionKind::size, "--trace-body-limit", "1048576"},
};

constexpr LayoutOption kMessageOptions[] = {
    {"directory", OptionKind::ignored, "", ""},
    {"filename", OptionKind::text, "--messages-file", "message_log.jsonl"},
    {"include_metadata", OptionKind::yes_no, "--messages-no-metadata", "true"},
    {"include_system_prompts", OptionKind::ignored, "", ""},  // had no effect there either
    {"buffer_size", OptionKind::ignored, "", ""},             // nothing waits in a buffer here
};

constexpr LayoutMiddleware kLayoutMiddlewares[] = {
    {"trace", "trace", "./traces", kTraceOptions},
    {"message_logger", "messages", "./message_logs", kMessageOptions},
};

const LayoutMiddleware* layout_middleware(std::string_view type) {
  const auto* found = std::find_if(std::begin(kLayoutMiddlewares), std::end(kLayoutMiddlewares),
                                   [&](const LayoutMiddleware& m) { return m.type == type; });
  return found == std::end(kLayoutMiddlewares) ? nullptr : found;
}

Status check_keys(const LayoutMiddleware& known, const Json& config) {
  std::vector<std::string> keys;
  for (const LayoutOption& option : known.options) keys.emplace_back(option.key);
  for (const auto& [key, value] : config.members()) {
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
    return client_error(std::string(known.type) + ": unknown key '" + key + "'" +
                        did_you_mean(key, keys));
  }
  return {};
}

Status add_option(const LayoutMiddleware& known, const LayoutOption& option, const Json& value,
                  std::vector<std::string>& arguments) {
  const auto wrong = [&](const char* expected) {
    return client_error(std::string(known.type) + ": " + std::string(option.key) + " must be " +
                        expected);
  };
  std::string text(option.fallback);
  switch (option.kind) {
    case OptionKind::ignored:
      return {};
    case OptionKind::yes_no:
      if (!value.is_null() && !value.boolean()) return wrong("true or false");
      if (!value.boolean().value_or(true)) arguments.emplace_back(option.flag);
      return {};
    case OptionKind::size: {
      const auto number = value.is_null() ? std::nullopt : value.integer();
      if (!value.is_null() && (!number || *number < 1)) return wrong("a number of bytes from 1 on");
      if (number) text = std::to_string(*number);
      break;
    }
    case OptionKind::text:
      if (!value.is_null() && value.text().empty()) return wrong("a text");
      if (!value.is_null()) text = value.text();
      break;
  }
  arguments.insert(arguments.end(), {std::string(option.flag), text});
  return {};
}

}  // namespace

Status add_layouts_of_middlewares(Config& config) {
  for (const MiddlewareConfig& middleware : config.middlewares) {
    const LayoutMiddleware* known = layout_middleware(middleware.type);
    if (known == nullptr || !middleware.enabled) continue;
    if (Status keys = check_keys(*known, middleware.config); !keys) return keys;
    const Json& directory = middleware.config.at("directory");
    if (!directory.is_null() && directory.text().empty()) {
      return client_error(middleware.type + ": directory must be a path");
    }
    const std::string place(directory.is_null() ? known->directory : directory.text());
    config.sink_arguments.insert(config.sink_arguments.end(),
                                 {"--layout", std::string(known->layout) + ":" + place});
    for (const LayoutOption& option : known->options) {
      const Status added =
          add_option(*known, option, middleware.config.at(option.key), config.sink_arguments);
      if (!added) return added;
    }
  }
  return {};
}

bool names_layout(const Config& config) {
  return std::any_of(config.middlewares.begin(), config.middlewares.end(),
                     [](const MiddlewareConfig& middleware) {
                       return middleware.enabled && layout_middleware(middleware.type) != nullptr;
                     });
}

}  // namespace albicilla
