#include "tests/support/stores/store_contract.h"

#include "common/base/id128.h"
#include "sink/store/checksum.h"

namespace albicilla::tests {

std::string maker_name(const testing::TestParamInfo<StoreMaker>& one) { return one.param.name; }

SourceFile StoreContract::file(std::string_view bytes) {
  const std::string path = scratch_.path("file" + std::to_string(++files_));
  write_whole_file(path, bytes);
  auto source = SourceFile::open(disk_, path);
  EXPECT_TRUE(source) << source.error().message;
  return *std::move(source);
}

std::string StoreContract::fresh_name(std::string_view ending) {
  return "2026-01-13/" + hex_text(random_bytes16()) + "-" + std::string(ending);
}

TEST_P(StoreContract, HoldsAFileAndKnowsItAgain) {
  const std::string name = fresh_name();
  EXPECT_EQ(store().head(name).verdict, StoreVerdict::missing);
  const SourceFile source = file("one line\n");
  const StoreAnswer put = store().put(name, source, PutMode::create);
  EXPECT_EQ(put.verdict, StoreVerdict::confirmed) << put.message;
  const StoreAnswer head = store().head(name);
  EXPECT_EQ(head.verdict, StoreVerdict::confirmed) << head.message;
  EXPECT_EQ(head.size, 9U);
  EXPECT_EQ(head.sha256, hex_of(raw_sha256("one line\n")));
  EXPECT_EQ(under_test_->bytes(name), "one line\n");
  EXPECT_EQ(store().put(name, source, PutMode::create).verdict, StoreVerdict::already_there);
}

TEST_P(StoreContract, HoldsAnEmptyFile) {
  const std::string name = fresh_name();
  EXPECT_EQ(store().put(name, file(""), PutMode::create).verdict, StoreVerdict::confirmed);
  EXPECT_EQ(store().head(name).size, 0U);
  EXPECT_EQ(under_test_->bytes(name), "");
}

TEST_P(StoreContract, HoldsAFileOfManyParts) {
  const std::string name = fresh_name();
  std::string bytes;
  for (std::size_t i = 0; bytes.size() < 2 * under_test_->part_bytes() + 77; ++i) {
    bytes += std::to_string(i * 2654435761U) + "\n";
  }
  const StoreAnswer put = store().put(name, file(bytes), PutMode::create);
  EXPECT_EQ(put.verdict, StoreVerdict::confirmed) << put.message;
  EXPECT_TRUE(under_test_->bytes(name) == bytes);
  EXPECT_EQ(store().put(name, file(bytes), PutMode::create).verdict, StoreVerdict::already_there);
}

TEST_P(StoreContract, NeverOverwritesOtherBytesUnasked) {
  const std::string name = fresh_name();
  ASSERT_EQ(store().put(name, file("first"), PutMode::create).verdict, StoreVerdict::confirmed);
  const StoreAnswer second = store().put(name, file("other"), PutMode::create);
  EXPECT_EQ(second.verdict, StoreVerdict::conflict);
  EXPECT_FALSE(second.message.empty());
  EXPECT_EQ(under_test_->bytes(name), "first");
}

TEST_P(StoreContract, ReplacesWhenAsked) {
  const std::string name = fresh_name();
  ASSERT_EQ(store().put(name, file("with a name"), PutMode::create).verdict,
            StoreVerdict::confirmed);
  EXPECT_EQ(store().put(name, file("erased"), PutMode::replace).verdict, StoreVerdict::confirmed);
  EXPECT_EQ(under_test_->bytes(name), "erased");
  EXPECT_EQ(store().put(name, file("erased"), PutMode::replace).verdict,
            StoreVerdict::already_there);
}

TEST_P(StoreContract, RemovesWhatIsThere) {
  const std::string name = fresh_name();
  EXPECT_EQ(store().remove(name).verdict, StoreVerdict::missing);
  ASSERT_EQ(store().put(name, file("x"), PutMode::create).verdict, StoreVerdict::confirmed);
  EXPECT_EQ(store().remove(name).verdict, StoreVerdict::confirmed);
  EXPECT_EQ(store().head(name).verdict, StoreVerdict::missing);
}

TEST_P(StoreContract, TakesNamesThatNeedEncoding) {
  for (const char* ending :
       {"a b.jsonl", "a+b~c=d&e.jsonl", "żółw 🦅.jsonl", "50%.jsonl", "#?.x"}) {
    const std::string name = fresh_name(ending);
    const StoreAnswer put = store().put(name, file("x"), PutMode::create);
    EXPECT_EQ(put.verdict, StoreVerdict::confirmed) << put.message;
    EXPECT_EQ(under_test_->bytes(name), "x") << name;
  }
}

TEST_P(StoreContract, AppendsOnlyAtTheEnd) {
  const std::string name = fresh_name();
  const SourceFile one = file("one\n");
  if (!store().abilities().appends) {
    EXPECT_EQ(store().append(name, one, 0).verdict, StoreVerdict::unsupported);
    return;
  }
  const StoreAnswer first = store().append(name, one, 0);
  EXPECT_EQ(first.verdict, StoreVerdict::confirmed) << first.message;
  EXPECT_EQ(first.size, 4U);
  const SourceFile two = file("one\ntwo\n");
  EXPECT_EQ(store().append(name, two, 4).verdict, StoreVerdict::confirmed);
  EXPECT_EQ(under_test_->bytes(name), "one\ntwo\n");
  // Again, as after a lost answer; from the start; and behind a gap.
  for (const std::uint64_t position : {std::uint64_t{4}, std::uint64_t{0}}) {
    const StoreAnswer again = store().append(name, two, position);
    EXPECT_EQ(again.verdict, StoreVerdict::other_position) << again.message;
    EXPECT_EQ(again.size, 8U);
  }
  EXPECT_EQ(under_test_->bytes(name), "one\ntwo\n");
}

TEST_P(StoreContract, SealsAFileThatWasAppendedTo) {
  if (!store().abilities().appends) return;
  const std::string name = fresh_name();
  ASSERT_EQ(store().append(name, file("one\n"), 0).verdict, StoreVerdict::confirmed);
  const StoreAnswer put = store().put(name, file("one\n"), PutMode::create);
  EXPECT_TRUE(put.holds()) << put.message;
  EXPECT_EQ(under_test_->bytes(name), "one\n");
  EXPECT_EQ(store().head(name).sha256, hex_of(raw_sha256("one\n")));
}

TEST_P(StoreContract, IsUnharmedByALostAnswer) {
  FaultyTransport* const transport = under_test_->transport();
  if (transport == nullptr) return;
  const std::string name = fresh_name();
  const SourceFile source = file("arrived\n");
  transport->lose_answer_to("PUT");
  EXPECT_EQ(store().put(name, source, PutMode::create).verdict, StoreVerdict::unavailable);
  EXPECT_EQ(store().put(name, source, PutMode::create).verdict, StoreVerdict::already_there);
  EXPECT_EQ(under_test_->bytes(name), "arrived\n");
}

TEST_P(StoreContract, SaysThatAWrongKeyNeedsAPerson) {
  Store* const wrong = under_test_->with_wrong_key();
  if (wrong == nullptr) return;
  const StoreAnswer put = wrong->put(fresh_name(), file("x"), PutMode::create);
  EXPECT_EQ(put.verdict, StoreVerdict::refused) << put.message;
  EXPECT_NE(put.message.find("403"), std::string::npos) << put.message;
}

}  // namespace albicilla::tests
