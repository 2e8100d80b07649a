// Azure Storage's Shared Key authorization as a pure function.
#pragma once

#include <cstdint>
#include <string>

#include "common/http/headers.h"
#include "sink/store/signature_v4.h"

namespace albicilla {

struct AzureAccount {
  std::string name;
  std::string key;  // decoded, not base64
};

struct AzureRequest {
  std::string method;
  std::string path;  // encoded, as in the request line, with the account in front on an emulator
  Query query;
  Headers headers;  // x-ms-date and x-ms-version among them
  std::uint64_t content_length = 0;
};

std::string azure_string_to_sign(const AzureRequest& request, const AzureAccount& account);

// "SharedKey account:signature"
std::string azure_authorization(const AzureRequest& request, const AzureAccount& account);

}  // namespace albicilla
