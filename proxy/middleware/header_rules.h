// `header_rules`: set, remove and rename header fields of requests (before they go upstream) and of
// answers (before they go to the client). Never framing or hop-by-hop fields. Config:
//   request:  {set: {name: value}, remove: [name], rename: {old: new}}
//   response: the same
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "common/json/tree.h"
#include "proxy/middleware/middleware.h"

namespace albicilla {

class HeaderRules final : public Middleware {
 public:
  static Result<std::unique_ptr<Middleware>> make(const Json& config);

  std::string_view type() const override { return "header_rules"; }
  std::optional<MiddlewareRefusal> on_request(MiddlewareRequest& request) override;
  void on_answer(Headers& headers) override;

 private:
  struct Rules {
    Headers set;
    std::vector<std::string> remove;
    std::vector<std::pair<std::string, std::string>> rename;
  };
  static Result<Rules> read(const Json& config, const std::string& where);
  static void apply(const Rules& rules, Headers& headers);

  Rules request_;
  Rules response_;
};

}  // namespace albicilla
