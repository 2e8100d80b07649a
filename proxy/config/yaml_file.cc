// The YAML file, by yaml-cpp: sections of predecessor D and every flag by name, to one flat layer.
#include <algorithm>
#include <filesystem>

#include <yaml-cpp/yaml.h>

#include "common/base/nearest.h"
#include "proxy/config/settings.h"
#include "proxy/config/words.h"

namespace albicilla {

namespace {

constexpr std::size_t kMostYamlBytes = 4U << 20;
constexpr int kMostDepth = 32;
constexpr std::size_t kMostNodes = 100'000;  // aliases make a small file a large tree

// Thrown only inside this file; yaml_layer turns it into an Error.
struct Refusal {
  std::string message;
};

class YamlReader {
 public:
  YamlReader(std::string path, Environment environment)
      : path_(std::move(path)), environment_(environment) {}

  Json read() {
    std::error_code error;
    const auto size = std::filesystem::file_size(path_, error);
    if (error) throw Refusal{path_ + ": " + error.message()};
    if (size > kMostYamlBytes) throw Refusal{path_ + ": larger than 4 MiB"};
    const YAML::Node root = YAML::LoadFile(path_);
    if (root.IsNull()) return layer_;
    if (!root.IsMap()) refuse(root, "expected a mapping of settings");
    for (const auto& entry : root) take_top(entry.first, entry.second);
    return layer_;
  }

 private:
  [[noreturn]] void refuse(const YAML::Node& node, const std::string& reason) const {
    const int line = node.Mark().line;
    throw Refusal{path_ + (line >= 0 ? ":" + std::to_string(line + 1) : "") + ": " + reason};
  }

  void take_top(const YAML::Node& key, const YAML::Node& value) {
    const std::string name = key.as<std::string>();
    if (name == "middlewares" || name == "interceptors") {
      layer_.set("middlewares", list_of(value, name, {"type", "enabled", "config"}));
    } else if (name == "upstreams") {
      layer_.set(
          "upstreams",
          list_of(value, name, {"name", "prefix", "dialect", "base_url", "type", "api_key"}));
    } else if (name == "prices") {
      if (!value.IsMap()) refuse(value, "prices: expected a mapping of models");
      for (const auto& entry : value) {
        if (!entry.second.IsMap()) refuse(entry.second, "prices: expected a mapping for a model");
      }
      layer_.set("prices", tree(value, 0));
    } else if (name == "redaction") {
      take_redaction(value);
    } else if (value.IsMap()) {
      for (const auto& entry : value) {
        const std::string inner = name + "." + entry.first.as<std::string>();
        take_setting(entry.first, inner, entry.second);
      }
    } else {
      take_setting(key, name, value);
    }
  }

  // key_file is a setting like others, the rules are names or mappings.
  void take_redaction(const YAML::Node& node) {
    if (!node.IsMap()) refuse(node, "redaction: expected a mapping with key_file and rules");
    for (const auto& entry : node) {
      const std::string name = entry.first.as<std::string>();
      if (name == "rules") {
        if (!entry.second.IsSequence()) refuse(entry.second, "redaction.rules: expected a list");
        layer_.set("redaction", texts(entry.second));
      } else {
        take_setting(entry.first, "redaction." + name, entry.second);
      }
    }
  }

  // Scalars stay texts, whatever they look like.
  Json texts(const YAML::Node& rules) {
    Json list = Json::array();
    for (const YAML::Node& rule : rules) {
      if (!rule.IsMap()) {
        list.push(scalar(rule, "redaction.rules"));
        continue;
      }
      Json object = Json::object();
      for (const auto& entry : rule) {
        const std::string name = entry.first.as<std::string>();
        object.set(name, scalar(entry.second, "redaction.rules: " + name));
      }
      list.push(object);
    }
    return list;
  }

  Json list_of(const YAML::Node& node, const std::string& where,
               const std::vector<std::string>& members) {
    if (node.IsNull()) return Json::array();
    if (!node.IsSequence()) refuse(node, where + ": expected a list");
    Json list = Json::array();
    for (const YAML::Node& element : node) {
      if (!element.IsMap()) refuse(element, where + ": expected a mapping in the list");
      for (const auto& entry : element) {
        const std::string name = entry.first.as<std::string>();
        if (std::find(members.begin(), members.end(), name) == members.end()) {
          refuse(entry.first, where + ": unknown key '" + name + "'" + did_you_mean(name, members));
        }
      }
      list.push(tree(element, 0));
    }
    return list;
  }

  // `name` is "port", "server.port" or a flag's name with '_' or '-'.
  const Setting* known(const std::string& name) const {
    std::string flag = name;
    for (char& c : flag) {
      if (c == '_') c = '-';
    }
    for (const Setting& setting : settings_table()) {
      if (setting.yaml == name) return &setting;
      if (setting.key == flag && !setting.names.empty()) return &setting;
    }
    return nullptr;
  }

  void take_setting(const YAML::Node& key, const std::string& name, const YAML::Node& value) {
    const Setting* setting = known(name);
    if (setting == nullptr) {
      std::vector<std::string> names = {"middlewares", "interceptors", "upstreams", "prices",
                                        "redaction"};
      for (const Setting& s : settings_table()) {
        names.emplace_back(s.yaml.empty() ? s.key : s.yaml);
      }
      refuse(key, "unknown key '" + name + "'" + did_you_mean(name, names));
    }
    if (value.IsNull()) return;
    if (setting->kind == SettingKind::list) {
      Json list = Json::array();
      if (value.IsSequence()) {
        for (const YAML::Node& element : value) list.push(scalar(element, name));
      } else {
        for (std::string& word : split_words(scalar(value, name))) list.push(std::move(word));
      }
      layer_.set(setting->key, list);
      return;
    }
    const std::string text = scalar(value, name);
    if (text.empty()) return;
    layer_.set(setting->key, text);
    layer_.set("from." + std::string(setting->key), path_ + ": " + name);
  }

  std::string scalar(const YAML::Node& node, const std::string& name) {
    if (!node.IsScalar()) refuse(node, name + ": expected a single value");
    return expanded(node, node.Scalar());
  }

  std::string expanded(const YAML::Node& node, const std::string& text) {
    std::string out;
    std::size_t at = 0;
    while (true) {
      const std::size_t start = text.find("${", at);
      if (start == std::string::npos) return out + text.substr(at);
      const std::size_t end = text.find('}', start);
      if (end == std::string::npos) refuse(node, "'${' without '}'");
      out += text.substr(at, start - at);
      const std::string name = text.substr(start + 2, end - start - 2);
      const char* value = environment_(name.c_str());
      if (value == nullptr) refuse(node, "environment variable " + name + " is not set");
      out += value;
      at = end + 1;
    }
  }

  Json tree(const YAML::Node& node, int depth) {
    if (depth > kMostDepth) refuse(node, "nested deeper than 32");
    if (++nodes_ > kMostNodes) refuse(node, "more than 100000 values");
    if (node.IsNull()) return nullptr;
    if (node.IsSequence()) {
      Json list = Json::array();
      for (const YAML::Node& element : node) list.push(tree(element, depth + 1));
      return list;
    }
    if (node.IsMap()) {
      Json object = Json::object();
      for (const auto& entry : node) {
        object.set(entry.first.as<std::string>(), tree(entry.second, depth + 1));
      }
      return object;
    }
    const std::string text = expanded(node, node.Scalar());
    if (node.Tag() == "!") return text;  // quoted: a string whatever it looks like
    if (text == "true" || text == "True") return true;
    if (text == "false" || text == "False") return false;
    if (const auto number = parse_json(text); number && number->is_number()) return *number;
    return text;
  }

  std::string path_;
  Environment environment_;
  Json layer_ = Json::object();
  std::size_t nodes_ = 0;
};

}  // namespace

Result<Json> yaml_layer(const std::string& path, Environment environment) {
  try {
    return YamlReader(path, environment).read();
  } catch (const Refusal& refusal) {
    return client_error(refusal.message);
  } catch (const YAML::Exception& error) {
    const int line = error.mark.line;
    return client_error(path + (line >= 0 ? ":" + std::to_string(line + 1) : "") + ": " +
                        error.msg);
  }
}

}  // namespace albicilla
