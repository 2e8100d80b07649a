// Fields that belong to one connection and not to the message (RFC 9110, 7.6.1): they are never
// forwarded, nor is what a Connection field names. Pure.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "common/http/headers.h"

namespace albicilla {

class HopFields {
 public:
  // Reads the Connection fields of `headers`, which must outlive it.
  explicit HopFields(const Headers& headers);

  // Content-Length, Host and Transfer-Encoding are not hop fields here, even when Connection names
  // them: they frame and route the message, and their place in the head is kept.
  bool contains(std::string_view name) const;

 private:
  std::vector<std::string_view> named_;
};

// True when the comma-separated values of `name` hold `token`, without case.
bool has_token(const Headers& headers, std::string_view name, std::string_view token);

// Each element of the comma-separated values of `name`, without white space around it, in order.
void each_list_element(const Headers& headers, std::string_view name,
                       const std::function<void(std::string_view)>& visit);

}  // namespace albicilla
