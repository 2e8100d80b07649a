#include "proxy/middleware/header_rules.h"

#include <algorithm>
#include <array>

#include "common/base/nearest.h"

namespace albicilla {

namespace {

// Framing and hop-by-hop fields decide where a message ends: a rule must not change that.
constexpr std::array<std::string_view, 11> kUntouchable = {"content-length",  "transfer-encoding",
                                                           "connection",      "keep-alive",
                                                           "upgrade",         "te",
                                                           "trailer",         "host",
                                                           "expect",          "proxy-connection",
                                                           "content-encoding"};

bool is_token(std::string_view name) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

Status check_name(const std::string& where, std::string_view name) {
  if (!is_token(name)) {
    return client_error(where + ": '" + std::string(name) + "' is not a header name");
  }
  for (const std::string_view fixed : kUntouchable) {
    if (same_name(fixed, name)) {
      return client_error(where + ": " + std::string(name) + " is framing and cannot be changed");
    }
  }
  return {};
}

Status check_value(const std::string& where, std::string_view value) {
  const bool fine = std::all_of(value.begin(), value.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return c == '\t' || (byte >= ' ' && byte != 0x7F);
  });
  return fine ? Status{} : Status{client_error(where + ": a value has control characters")};
}

Status check_keys(const Json& object, const std::string& where,
                  std::span<const std::string> known) {
  for (const auto& [name, value] : object.members()) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return client_error(where + ": unknown key '" + name + "'" + did_you_mean(name, known));
    }
  }
  return {};
}

std::string text_of(const Json& value) {
  return value.is_string() ? std::string(value.text()) : dump_json(value);
}

}  // namespace

Result<HeaderRules::Rules> HeaderRules::read(const Json& config, const std::string& where) {
  const std::array<std::string, 3> known = {"set", "remove", "rename"};
  if (const Status keys = check_keys(config, where, known); !keys) return keys.error();
  Rules rules;
  for (const auto& [name, value] : config.at("set").members()) {
    rules.set.push_back({name, text_of(value)});
    if (const Status ok = check_name(where + ".set", name); !ok) return ok.error();
    if (const Status ok = check_value(where + ".set", rules.set.back().value); !ok) {
      return ok.error();
    }
  }
  for (const Json& name : config.at("remove").elements()) {
    if (const Status ok = check_name(where + ".remove", name.text()); !ok) return ok.error();
    rules.remove.emplace_back(name.text());
  }
  for (const auto& [from, to] : config.at("rename").members()) {
    if (const Status ok = check_name(where + ".rename", from); !ok) return ok.error();
    if (const Status ok = check_name(where + ".rename", to.text()); !ok) return ok.error();
    rules.rename.emplace_back(from, to.text());
  }
  return rules;
}

Result<std::unique_ptr<Middleware>> HeaderRules::make(const Json& config) {
  const std::array<std::string, 2> known = {"request", "response"};
  if (const Status keys = check_keys(config, "header_rules", known); !keys) return keys.error();
  auto request = read(config.at("request"), "header_rules.request");
  if (!request) return request.error();
  auto response = read(config.at("response"), "header_rules.response");
  if (!response) return response.error();
  auto rules = std::make_unique<HeaderRules>();
  rules->request_ = *std::move(request);
  rules->response_ = *std::move(response);
  return std::unique_ptr<Middleware>(std::move(rules));
}

void HeaderRules::apply(const Rules& rules, Headers& headers) {
  for (const std::string& name : rules.remove) remove_header(headers, name);
  for (Header& header : headers) {
    for (const auto& [from, to] : rules.rename) {
      if (!same_name(header.name, from)) continue;
      header.name = to;
      break;
    }
  }
  for (const Header& wanted : rules.set) {
    remove_header(headers, wanted.name);
    headers.push_back(wanted);
  }
}

std::optional<MiddlewareRefusal> HeaderRules::on_request(MiddlewareRequest& request) {
  apply(request_, request.headers);
  return std::nullopt;
}

void HeaderRules::on_answer(Headers& headers) { apply(response_, headers); }

}  // namespace albicilla
