#include "sink/store/registry.h"

#include <gtest/gtest.h>

namespace albicilla {
namespace {

EnvironmentLookup environment(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(std::string(name));
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
}

const EnvironmentLookup kNothing = environment({});

TEST(StoreRegistry, ReadsThePredecessorsVariablesOfAzure) {
  const auto settings = gather_store_settings(
      "azure_blob", {},
      environment({{"AZURE_STORAGE_ACCOUNT_NAME", "acc"}, {"AZURE_STORAGE_ACCOUNT_KEY", "a2V5"}}));
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->at("account"), "acc");
  EXPECT_EQ(settings->at("account_key"), "a2V5");
  EXPECT_EQ(settings->at("container"), "proxy-logs");
}

TEST(StoreRegistry, PrefersWhatWasGiven) {
  const auto settings = gather_store_settings(
      "s3", {{"bucket", "b"}, {"access_key", "k"}, {"secret_key", "s"}},
      environment({{"SINK_S3_BUCKET", "other"}, {"AWS_REGION", "eu-west-1"}}));
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->at("bucket"), "b");
  EXPECT_EQ(settings->at("region"), "eu-west-1");
}

TEST(StoreRegistry, NamesWhatIsMissingOrUnknown) {
  const auto missing = gather_store_settings("s3", {}, kNothing);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message, "store s3 needs bucket (or the variable SINK_S3_BUCKET)");
  const auto unknown = gather_store_settings("local", {{"dirctory", "x"}}, kNothing);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().message, "store local has no setting 'dirctory'");
  const auto store = gather_store_settings("gcs", {}, kNothing);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().message, "store must be one of local, azure_blob, s3, kafka, got 'gcs'");
}

TEST(StoreRegistry, MakesEveryStoreFromItsSettings) {
  DiskFileSystem files;
  const SystemClock clock;
  Pacer pacer(clock, 0);
  const std::map<std::string, StoreSettings> enough = {
      {"local", {{"directory", "/nowhere"}}},
      {"azure_blob", {{"account", "a"}, {"account_key", "a2V5"}}},
      {"s3", {{"bucket", "b"}, {"access_key", "k"}, {"secret_key", "s"}}},
      {"kafka", {{"brokers", "127.0.0.1:1"}, {"rdkafka.acks", "all"}}}};
  for (const std::string_view name : store_names()) {
    const auto settings = gather_store_settings(name, enough.at(std::string(name)), kNothing);
    ASSERT_TRUE(settings) << settings.error().message;
    const auto store = make_store(name, *settings, {files, pacer, clock});
    ASSERT_TRUE(store) << store.error().message;
    EXPECT_EQ((*store)->name(), name);
  }
}

TEST(StoreRegistry, RefusesSettingsThatMakeNoSense) {
  DiskFileSystem files;
  const SystemClock clock;
  Pacer pacer(clock, 0);
  const StoreParts parts{files, pacer, clock};
  EXPECT_FALSE(make_store("azure_blob", {{"account", "a"}, {"account_key", "?"}}, parts));
  EXPECT_FALSE(make_store("s3", {{"bucket", "b"}, {"path_style", "maybe"}}, parts));
  EXPECT_FALSE(
      make_store("s3", {{"bucket", "b"}, {"path_style", "true"}, {"endpoint", "ftp://x"}}, parts));
  EXPECT_FALSE(make_store("kafka", {{"brokers", "b"}, {"rdkafka.no.such", "1"}}, parts));
}

TEST(StoreRegistry, MarksEverySecret) {
  for (const std::string_view store : store_names()) {
    for (const StoreSetting& setting : store_settings(store)) {
      const bool sounds_secret = setting.name.find("key") != setting.name.npos ||
                                 setting.name.find("token") != setting.name.npos;
      EXPECT_EQ(setting.secret, sounds_secret && setting.name != "access_key") << setting.name;
    }
  }
}

}  // namespace
}  // namespace albicilla
