#include "proxy/control/key_ring.h"

#include <sys/stat.h>

#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/scratch_directory.h"

namespace albicilla {
namespace {

Json item(std::string_view key, std::string_view user) {
  return Json::object({{"api_key", key}, {"user_id", user}});
}

TEST(KeyRing, FindsTheUserOfAnActiveKeyOnly) {
  const auto ring = KeyRing::parse(R"({"keys":[
    {"api_key":"bsk-1","user_id":"alice","active":true},
    {"api_key":"bsk-2","user_id":"bob","active":false},
    {"api_key":"bsk-3","user_id":"carol"},
    {"api_key":"bsk-4"}, {"user_id":"dave"}]})");
  ASSERT_TRUE(ring);
  EXPECT_EQ(ring->user_of("bsk-1"), "alice");
  EXPECT_EQ(ring->user_of("bsk-2"), std::nullopt);
  EXPECT_EQ(ring->user_of("bsk-3"), "carol");
  for (const char* wrong : {"", "bsk", "bsk-", "bsk-11", "bsk-4", "BSK-1"}) {
    EXPECT_EQ(ring->user_of(wrong), std::nullopt) << wrong;
  }
}

TEST(KeyRing, ReadsHashedKeysAndAnEmptyObject) {
  const auto ring = KeyRing::parse(R"({"keys":[{"user_id":"u","api_key":"sha256:)" +
                                   hex_prefix(sha256("k"), 64) + R"("},
          {"user_id":"v","api_key":"sha256:zz"}]})");
  ASSERT_TRUE(ring);
  EXPECT_EQ(ring->size(), 1U);
  EXPECT_EQ(ring->user_of("k"), "u");
  EXPECT_EQ(ring->user_of("sha256:" + hex_prefix(sha256("k"), 64)), std::nullopt);
  EXPECT_TRUE(KeyRing::parse("{}"));
  EXPECT_FALSE(KeyRing::parse("[]"));
  EXPECT_FALSE(KeyRing::parse("{\"keys\":{}}"));
  EXPECT_FALSE(KeyRing::parse("{\"keys\":["));
}

TEST(KeyRing, XApiKeyWinsOverBearer) {
  EXPECT_EQ(shown_key("a", "Bearer b"), "a");
  EXPECT_EQ(shown_key("", "bearer  b"), "b");
  EXPECT_EQ(shown_key("", "Basic b"), "");
  EXPECT_EQ(shown_key("", "Bearer"), "");
}

class KeyFileTest : public testing::Test {
 protected:
  tests::ScratchDirectory directory_;
  DiskFileSystem files_;
  std::string path_ = directory_.path("data/keys.json");
};

TEST_F(KeyFileTest, StoresHashesKeepsUnknownMembersAndIsPrivate) {
  KeyFile file(files_, path_);
  ASSERT_TRUE(file.create_when_missing());
  tests::write_whole_file(
      path_, R"({"note":"mine","keys":[{"api_key":"plain","user_id":"old","team":"x"}]})");
  Json added = item("bsk-new", "alice");
  added.set("quota", 5);
  ASSERT_TRUE(file.upsert(added));
  const std::string text = tests::bytes_of_file(path_);
  EXPECT_EQ(text.find("bsk-new"), std::string::npos);
  EXPECT_NE(text.find("\"quota\": 5"), std::string::npos);
  EXPECT_NE(text.find("\"team\": \"x\""), std::string::npos);
  EXPECT_NE(text.find("\"note\": \"mine\""), std::string::npos);
  struct stat facts {};
  ASSERT_EQ(stat(path_.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0600U);
  const auto ring = file.load();
  ASSERT_TRUE(ring);
  EXPECT_EQ(ring->user_of("plain"), "old");
  EXPECT_EQ(ring->user_of("bsk-new"), "alice");
}

TEST_F(KeyFileTest, UpsertReplacesTheItemOfTheSameKey) {
  KeyFile file(files_, path_);
  ASSERT_TRUE(file.create_when_missing());
  ASSERT_TRUE(file.upsert(item("k", "alice")));
  Json disabled = item("k", "alice");
  disabled.set("active", false);
  ASSERT_TRUE(file.upsert(disabled));
  EXPECT_EQ(file.load()->size(), 1U);
  EXPECT_EQ(file.load()->user_of("k"), std::nullopt);
  EXPECT_FALSE(file.upsert(item("", "alice")));
  EXPECT_FALSE(file.upsert(item("k", "")));
}

TEST_F(KeyFileTest, DisablesEnablesAndRemovesByUser) {
  KeyFile file(files_, path_);
  ASSERT_TRUE(file.create_when_missing());
  ASSERT_TRUE(file.upsert(item("k1", "alice")));
  ASSERT_TRUE(file.upsert(item("k2", "alice")));
  EXPECT_EQ(*file.set_active("alice", false), true);
  EXPECT_EQ(file.load()->user_of("k2"), std::nullopt);
  EXPECT_EQ(*file.set_active("alice", true), true);
  EXPECT_EQ(file.load()->user_of("k2"), "alice");
  EXPECT_EQ(*file.remove("alice"), true);
  EXPECT_EQ(*file.remove("alice"), false);
  EXPECT_EQ(file.load()->size(), 0U);
}

TEST_F(KeyFileTest, LosesNoKeyWhenManyChangeItAtOnce) {
  ASSERT_TRUE(KeyFile(files_, path_).create_when_missing());
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      DiskFileSystem files;
      KeyFile file(files, path_);
      for (int i = 0; i < 12; ++i) {
        const std::string name = std::to_string(t) + "-" + std::to_string(i);
        EXPECT_TRUE(file.upsert(item("k" + name, "u" + name)));
        EXPECT_TRUE(file.load()) << "the file is valid at any time";
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(KeyFile(files_, path_).load()->size(), 48U);
}

TEST_F(KeyFileTest, AWatchedFileIsPickedUpWhenEditedAndKeptWhenBroken) {
  ASSERT_TRUE(KeyFile(files_, path_).create_when_missing());
  WatchedKeys watched(files_, path_);
  EXPECT_EQ(watched.snapshot().size(), 0U);
  tests::write_whole_file(path_, R"({"keys":[{"api_key":"k","user_id":"u"}]})");
  EXPECT_EQ(watched.snapshot().user_of("k"), "u");
  tests::write_whole_file(path_, R"({"keys":[{"api)");
  EXPECT_EQ(watched.snapshot().user_of("k"), "u");
  tests::write_whole_file(path_, R"({"keys":[]})");
  EXPECT_EQ(watched.snapshot().user_of("k"), std::nullopt);
}

TEST_F(KeyFileTest, MaskedItemsRevealNoKey) {
  KeyFile file(files_, path_);
  ASSERT_TRUE(file.create_when_missing());
  ASSERT_TRUE(file.upsert(item("canary", "alice")));
  const std::string shown = dump_json(*file.masked_items());
  EXPECT_EQ(shown.find("canary"), std::string::npos);
  EXPECT_EQ(shown.find(hex_prefix(sha256("canary"), 64)), std::string::npos);
  EXPECT_NE(shown.find("alice"), std::string::npos);
}

}  // namespace
}  // namespace albicilla
