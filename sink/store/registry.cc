#include "sink/store/registry.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/base/base64.h"
#include "sink/store/azure_blob.h"
#include "sink/store/kafka.h"
#include "sink/store/local.h"
#include "sink/store/s3.h"

namespace albicilla {

namespace {

using Made = Result<std::unique_ptr<Store>>;

constexpr std::string_view kLibrarySetting = "rdkafka.";

constexpr std::array kLocal{StoreSetting{"directory", "SINK_STORE_DIRECTORY", {}, true}};

constexpr std::array kAzureBlob{
    StoreSetting{"account", "AZURE_STORAGE_ACCOUNT_NAME", {}, true},
    StoreSetting{"account_key", "AZURE_STORAGE_ACCOUNT_KEY", {}, true, true},
    StoreSetting{"container", "AZURE_STORAGE_CONTAINER", "proxy-logs"},
    StoreSetting{"endpoint", "AZURE_STORAGE_ENDPOINT"},  // of the account itself when empty
    StoreSetting{"prefix", "SINK_STORE_PREFIX"},
    StoreSetting{"ca_file", "SINK_STORE_CA_FILE"}};

constexpr std::array kS3{
    StoreSetting{"bucket", "SINK_S3_BUCKET", {}, true},
    StoreSetting{"access_key", "AWS_ACCESS_KEY_ID", {}, true},
    StoreSetting{"secret_key", "AWS_SECRET_ACCESS_KEY", {}, true, true},
    StoreSetting{"session_token", "AWS_SESSION_TOKEN", {}, false, true},
    StoreSetting{"region", "AWS_REGION", "us-east-1"},
    StoreSetting{"endpoint", "AWS_ENDPOINT_URL"},  // of AWS in that region when empty
    StoreSetting{"path_style", "SINK_S3_PATH_STYLE", "false"},
    StoreSetting{"prefix", "SINK_STORE_PREFIX"},
    StoreSetting{"ca_file", "SINK_STORE_CA_FILE"}};

constexpr std::array kKafka{StoreSetting{"brokers", "SINK_KAFKA_BROKERS", {}, true},
                            StoreSetting{"topic", "SINK_KAFKA_TOPIC", "albicilla"}};

std::string setting(const StoreSettings& settings, const char* name) {
  const auto found = settings.find(name);
  return found == settings.end() ? std::string() : found->second;
}

HttpClient::Options client_options(Endpoint endpoint, const StoreSettings& settings) {
  HttpClient::Options options;
  options.endpoint = std::move(endpoint);
  options.ca_file = setting(settings, "ca_file");
  return options;
}

Made make_local(const StoreSettings& settings, const StoreParts& parts) {
  return Made(
      std::make_unique<LocalStore>(setting(settings, "directory"), parts.files, parts.pacer));
}

Made make_azure_blob(const StoreSettings& settings, const StoreParts& parts) {
  AzureOptions options;
  options.account.name = setting(settings, "account");
  const auto key = from_base64(setting(settings, "account_key"));
  if (!key) return client_error("azure_blob: account_key must be base64");
  options.account.key = *key;
  options.container = setting(settings, "container");
  options.prefix = setting(settings, "prefix");
  options.endpoint = azure_public_endpoint(options.account.name);
  if (const std::string endpoint = setting(settings, "endpoint"); !endpoint.empty()) {
    auto parsed = parse_endpoint(endpoint);
    if (!parsed) return parsed.error();
    options.endpoint = *std::move(parsed);
  }
  auto client =
      std::make_unique<HttpClient>(client_options(options.endpoint, settings), parts.pacer);
  return Made(std::make_unique<AzureBlob>(std::move(options), std::move(client), parts.clock));
}

Made make_s3(const StoreSettings& settings, const StoreParts& parts) {
  S3Options options;
  options.bucket = setting(settings, "bucket");
  options.region = setting(settings, "region");
  options.prefix = setting(settings, "prefix");
  options.credentials = {setting(settings, "access_key"), setting(settings, "secret_key"),
                         setting(settings, "session_token")};
  const std::string style = setting(settings, "path_style");
  if (style != "true" && style != "false" && style != "1" && style != "0") {
    return client_error("s3: path_style must be true or false, got '" + style + "'");
  }
  options.addressing =
      style == "true" || style == "1" ? S3Addressing::path_style : S3Addressing::virtual_host;
  const std::string endpoint = setting(settings, "endpoint");
  auto parsed = parse_endpoint(endpoint.empty() ? "https://s3." + options.region + ".amazonaws.com"
                                                : endpoint);
  if (!parsed) return parsed.error();
  options.endpoint = *std::move(parsed);
  auto client =
      std::make_unique<HttpClient>(client_options(s3_host(options), settings), parts.pacer);
  return Made(std::make_unique<S3>(std::move(options), std::move(client), parts.clock));
}

Made make_kafka(const StoreSettings& settings, const StoreParts& parts) {
  KafkaOptions options;
  options.brokers = setting(settings, "brokers");
  options.topic = setting(settings, "topic");
  for (const auto& [name, value] : settings) {
    if (name.starts_with(kLibrarySetting)) {
      options.settings[name.substr(kLibrarySetting.size())] = value;
    }
  }
  auto store = KafkaStore::open(std::move(options), parts.pacer);
  if (!store) return store.error();
  return Made(*std::move(store));
}

struct Entry {
  std::string_view name;
  std::span<const StoreSetting> settings;
  Made (*make)(const StoreSettings&, const StoreParts&);
};

constexpr std::array<Entry, 4> kStores{{{"local", kLocal, make_local},
                                        {"azure_blob", kAzureBlob, make_azure_blob},
                                        {"s3", kS3, make_s3},
                                        {"kafka", kKafka, make_kafka}}};

constexpr std::array<std::string_view, 4> kNames{kStores[0].name, kStores[1].name, kStores[2].name,
                                                 kStores[3].name};

const Entry* entry_of(std::string_view store) {
  const auto found = std::find_if(kStores.begin(), kStores.end(),
                                  [&](const Entry& entry) { return entry.name == store; });
  return found == kStores.end() ? nullptr : &*found;
}

Error unknown_store(std::string_view store) {
  std::string names;
  for (const std::string_view name : kNames)
    names += (names.empty() ? "" : ", ") + std::string(name);
  return client_error("store must be one of " + names + ", got '" + std::string(store) + "'");
}

}  // namespace

std::span<const std::string_view> store_names() { return kNames; }

std::span<const StoreSetting> store_settings(std::string_view store) {
  const Entry* const entry = entry_of(store);
  return entry == nullptr ? std::span<const StoreSetting>() : entry->settings;
}

Result<StoreSettings> gather_store_settings(std::string_view store, const StoreSettings& given,
                                            const EnvironmentLookup& environment) {
  const Entry* const entry = entry_of(store);
  if (entry == nullptr) return unknown_store(store);
  StoreSettings all = given;
  for (const auto& one_given : given) {
    const std::string& name = one_given.first;
    const bool known = std::any_of(entry->settings.begin(), entry->settings.end(),
                                   [&](const StoreSetting& one) { return one.name == name; });
    if (!known && !(store == "kafka" && name.starts_with(kLibrarySetting))) {
      return client_error("store " + std::string(store) + " has no setting '" + name + "'");
    }
  }
  for (const StoreSetting& one : entry->settings) {
    std::string& value = all[std::string(one.name)];
    if (value.empty()) value = environment(one.variable).value_or("");
    if (value.empty()) value = one.fallback;
    if (value.empty() && one.required) {
      return client_error("store " + std::string(store) + " needs " + std::string(one.name) +
                          " (or the variable " + std::string(one.variable) + ")");
    }
  }
  return all;
}

Result<std::unique_ptr<Store>> make_store(std::string_view store, const StoreSettings& settings,
                                          const StoreParts& parts) {
  const Entry* const entry = entry_of(store);
  return entry == nullptr ? Made(unknown_store(store)) : entry->make(settings, parts);
}

}  // namespace albicilla
