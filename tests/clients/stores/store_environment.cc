#include "tests/clients/stores/store_environment.h"

#include <cstdlib>

#include "common/base/base64.h"

namespace albicilla::tests {

std::string from_environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

bool store_is_azure() { return from_environment("STORE") == "azure_blob"; }

StoreSettings store_settings_of_environment() {
  if (store_is_azure()) {
    return {{"account", from_environment("STORE_ACCOUNT")},
            {"account_key", from_environment("STORE_KEY")},
            {"container", from_environment("STORE_ROOM")},
            {"endpoint", from_environment("STORE_ENDPOINT")}};
  }
  return {{"access_key", from_environment("STORE_ACCOUNT")},
          {"secret_key", from_environment("STORE_KEY")},
          {"bucket", from_environment("STORE_ROOM")},
          {"region", "us-east-1"},
          {"path_style", "true"},
          {"endpoint", from_environment("STORE_ENDPOINT")}};
}

std::unique_ptr<StoreUnderTest> store_of_environment() {
  const Endpoint endpoint = *parse_endpoint(from_environment("STORE_ENDPOINT"));
  if (store_is_azure()) {
    AzureOptions options;
    options.endpoint = endpoint;
    options.account = {from_environment("STORE_ACCOUNT"),
                       from_base64(from_environment("STORE_KEY")).value_or("")};
    options.container = from_environment("STORE_ROOM");
    options.block_bytes = 5 * 1024 * 1024;
    return make_azure_under_test(options);
  }
  S3Options options;
  options.endpoint = endpoint;
  options.bucket = from_environment("STORE_ROOM");
  options.addressing = S3Addressing::path_style;
  options.credentials = {from_environment("STORE_ACCOUNT"), from_environment("STORE_KEY"), ""};
  options.part_bytes = 5 * 1024 * 1024;
  return make_s3_under_test(options);
}

}  // namespace albicilla::tests
