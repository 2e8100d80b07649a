// The environment, ./.env, and the rules that need several layers at once.
#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

#include "proxy/config/settings.h"
#include "proxy/config/words.h"

namespace albicilla {

namespace {

constexpr std::size_t kMostDotEnvBytes = 1U << 20;

// Variables that are no setting of their own: names of predecessors whose meaning depends on
// others.
constexpr std::string_view kSpecial[] = {"OPENAI_API_KEY", "STORAGE_TYPE", "LOCAL_LOG_DIR"};

// What our own sink reads from its environment; in a .env file it is meant for it.
constexpr std::string_view kOfTheSink[] = {"SINK_", "AZURE_", "AWS_", "MAX_LOG_", "FULL_TRACE_"};

std::string_view value_of(Environment environment, const std::string& name) {
  const char* value = environment(name.c_str());
  return value == nullptr ? std::string_view{} : std::string_view{value};
}

Json as_setting(const Setting& setting, std::string_view value) {
  if (setting.kind != SettingKind::list) return value;
  Json::Array list;
  for (std::string& word : split_words(value)) list.emplace_back(std::move(word));
  return list;
}

// One layer from anything that answers by name.
template <class Lookup>
Json layer_from(const Lookup& lookup) {
  Json layer = Json::object();
  for (const Setting& setting : settings_table()) {
    for (const std::string& name : split_words(setting.environment)) {
      const std::string_view value = lookup(name);
      if (value.empty()) continue;
      layer.set(setting.key, as_setting(setting, value));
      layer.set("from." + std::string(setting.key), name);
      break;
    }
  }
  for (const std::string_view name : kSpecial) {
    if (const auto value = lookup(std::string(name)); !value.empty()) layer.set(name, value);
  }
  return layer;
}

// "'a b'" -> "a b"; an unquoted value ends before " #".
std::string unquoted(std::string_view value) {
  if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'')) {
    const std::size_t end = value.find(value.front(), 1);
    if (end != std::string_view::npos) return std::string(value.substr(1, end - 1));
  }
  if (const std::size_t comment = value.find(" #"); comment != std::string_view::npos) {
    value = value.substr(0, comment);
  }
  while (!value.empty() && (value.back() == ' ' || value.back() == '\t' || value.back() == '\r')) {
    value.remove_suffix(1);
  }
  return std::string(value);
}

std::string_view left_stripped(std::string_view text) {
  const std::size_t start = text.find_first_not_of(" \t");
  return start == std::string_view::npos ? std::string_view{} : text.substr(start);
}

bool is_set(const Json& layer, std::string_view key) { return layer.find(key) != nullptr; }

void lay_over(Json& below, const Json& above) {
  for (const auto& [key, value] : above.members()) below.set(key, value);
}

// OPENAI_API_KEY is in many an environment for other reasons: it counts from .env, or beside the
// OPENAI_BASE_URL that names our upstream.
void apply_openai_key(Json& settings, const Json& environment, const Json& dot_env) {
  if (is_set(settings, "api-key") || is_set(settings, "api-key-file")) return;
  const bool beside_base_url = settings.at("from.upstream").text() == "OPENAI_BASE_URL";
  if (is_set(environment, "OPENAI_API_KEY") && beside_base_url) {
    settings.set("api-key", environment.at("OPENAI_API_KEY"));
  } else if (is_set(dot_env, "OPENAI_API_KEY")) {
    settings.set("api-key", dot_env.at("OPENAI_API_KEY"));
    if (!is_set(settings, "upstream")) settings.set("upstream", "https://api.openai.com");
  }
}

void add_to_list(Json& settings, std::string_view key, const std::string& value) {
  Json list = settings.at(key);
  list.push(value);
  settings.set(key, list);
}

// Unless it is named already, perhaps with settings.
void add_store(Json& settings, const std::string& store) {
  for (const Json& word : settings.at("store").elements()) {
    if (word.text() == store || word.text().starts_with(store + ":")) return;
  }
  add_to_list(settings, "store", store);
}

void apply_predecessors(Json& settings) {
  bool history_names_sessions = settings.at("session.enabled").text() == "true";
  if (is_set(settings, "admin-token") && !is_set(settings, "data-dir")) {
    settings.set("data-dir", "./data");
  }
  if (const std::string directory(settings.at("data-dir").text()); !directory.empty()) {
    if (!is_set(settings, "keys-file")) settings.set("keys-file", directory + "/keys.json");
    add_to_list(settings, "layout", "events:" + directory);
  }
  if (is_set(settings, "STORAGE_TYPE") || is_set(settings, "LOCAL_LOG_DIR")) {
    const std::string directory(settings.at("LOCAL_LOG_DIR").text());
    add_to_list(settings, "layout", "user_model_day:" + (directory.empty() ? "logs" : directory));
    if (settings.at("STORAGE_TYPE").text() == "azure") add_store(settings, "azure_blob");
    history_names_sessions = true;
  }
  if (is_set(settings, "keys-file")) history_names_sessions = true;
  if (history_names_sessions && !is_set(settings, "require-session-header")) {
    settings.set("require-session-header", "false");
  }
}

}  // namespace

Json environment_layer(Environment environment) {
  return layer_from([&](const std::string& name) { return value_of(environment, name); });
}

Result<Json> dot_env_layer(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Json::object();
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (text.size() > kMostDotEnvBytes) return client_error(path + ": larger than 1 MiB");
  Json variables = Json::object();
  std::size_t number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = left_stripped(std::string_view(text).substr(at, end - at));
    at = end + 1;
    ++number;
    if (line.empty() || line.front() == '#' || line.front() == '\r') continue;
    if (line.starts_with("export ")) line = left_stripped(line.substr(7));
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      return client_error(path + ":" + std::to_string(number) + ": expected NAME=value");
    }
    std::string_view name = line.substr(0, equals);
    while (name.ends_with(' ')) name.remove_suffix(1);
    variables.set(name, unquoted(left_stripped(line.substr(equals + 1))));
  }
  Json layer = layer_from([&](const std::string& name) { return variables.at(name).text(); });
  for (const auto& variable : variables.members()) {
    const std::string& name = variable.first;
    const std::string_view value = variable.second.text();
    const bool meant = std::any_of(std::begin(kOfTheSink), std::end(kOfTheSink),
                                   [&](std::string_view start) { return name.starts_with(start); });
    if (!meant || value.empty()) continue;
    add_to_list(layer, "sink.environment", name + "=" + std::string(value));
  }
  return layer;
}

Result<Json> gather_settings(const CommandLine& command, Environment environment,
                             const std::string& dot_env) {
  const Json from_environment = environment_layer(environment);
  auto settings = dot_env_layer(dot_env);
  if (!settings) return settings;
  const Json from_dot_env = *settings;

  std::string file(command.flags.at("config").text());
  if (file.empty()) file = from_environment.at("config").text();
  if (file.empty()) file = from_dot_env.at("config").text();
  if (!file.empty()) {
    const auto from_yaml = yaml_layer(file, environment);
    if (!from_yaml) return from_yaml;
    lay_over(*settings, *from_yaml);
  }
  lay_over(*settings, from_environment);
  lay_over(*settings, command.flags);
  if (command.flags.find("upstream") != nullptr) settings->set("from.upstream", "--upstream");

  settings->erase("OPENAI_API_KEY");
  apply_openai_key(*settings, from_environment, from_dot_env);
  apply_predecessors(*settings);
  return settings;
}

}  // namespace albicilla
