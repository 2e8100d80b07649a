#include "converter/reading/log_entry.h"

#include <gtest/gtest.h>

namespace albicilla {
namespace {

// The entry lives as long as the reader behind it: one call, one use.
Result<LogEntry> parse_log_entry(std::string_view line) {
  EntryReader reader;
  NoLikelyTexts nothing;
  if (auto status = reader.begin(line); !status) return status.error();
  auto entry = reader.finish(nothing);
  if (!entry) return entry.error();
  return **entry;
}

constexpr std::string_view kOurs =
    R"({"timestamp":"2026-01-13T10:00:01.500000+00:00","session_id":"a\/b","request":{"model":"m"},)"
    R"("response":{"id":"r"},"exchange":{"id":"0190","seq":7,"started_at":)"
    R"("2026-01-13T10:00:00.250000+00:00","path":"/v1/chat/completions","status":200,)"
    R"("ending":"complete","dialect":"openai_chat","truncated":false},"chain":{"n":1,"h":"00"}})";

TEST(LogEntry, ReadsALineOfOurs) {
  const auto entry = parse_log_entry(kOurs);
  ASSERT_TRUE(entry) << entry.error().message;
  EXPECT_EQ(entry->session_id, "a/b");
  EXPECT_EQ(entry->request.text, R"({"model":"m"})");
  EXPECT_EQ(entry->response.text, R"({"id":"r"})");
  EXPECT_EQ(entry->exchange->seq, 7U);
  EXPECT_EQ(entry->exchange->dialect, "openai_chat");
  EXPECT_EQ(iso8601(entry->started_at()), "2026-01-13T10:00:00.250000+00:00");
  EXPECT_TRUE(entry->succeeded());
}

TEST(LogEntry, CutsTheAnswerIntoItsMembersAndThoseOfItsLastChoices) {
  std::string line(kOurs);
  const std::string answer =
      R"({"id":"r","choices":[{"index":0}], "choices": [ {"index":1,"message":{"a":[2]}}, 3, {} ],"n":4})";
  line.replace(line.find(R"({"id":"r"})"), 10, answer);
  const auto entry = parse_log_entry(line);
  ASSERT_TRUE(entry) << entry.error().message;
  const AnswerMembers& cut = entry->response;
  EXPECT_EQ(cut.text, answer);
  ASSERT_EQ(cut.members.size(), 4U);
  EXPECT_EQ(cut.members[0].value, R"("r")");
  EXPECT_EQ(cut.members[1].value, R"([{"index":0}])");
  EXPECT_TRUE(cut.members[3].name.is("n"));
  ASSERT_EQ(cut.choices.size(), 2U);
  EXPECT_EQ(cut.choices[0].last, 2U);
  EXPECT_EQ(cut.choice_members[1].value, R"({"a":[2]})");
  EXPECT_EQ(cut.choices[1].first, cut.choices[1].last);
}

TEST(LogEntry, ReadsALineOfPredecessorA) {
  const auto entry = parse_log_entry(
      R"({"timestamp": "2026-01-13T10:00:00+00:00", "session_id": "a", "request": {}, )"
      R"("response": null})");
  ASSERT_TRUE(entry);
  EXPECT_FALSE(entry->exchange);
  EXPECT_EQ(iso8601(entry->started_at()), "2026-01-13T10:00:00.000000+00:00");
  EXPECT_FALSE(entry->succeeded());
}

TEST(LogEntry, KnowsWhichExchangesFailed) {
  const auto succeeded = [](std::string_view from, std::string_view to) {
    std::string line(kOurs);
    line.replace(line.find(from), from.size(), to);
    const auto entry = parse_log_entry(line);
    return entry && entry->succeeded();
  };
  EXPECT_TRUE(succeeded(R"("complete")", R"("client_abort_after_end")"));
  EXPECT_FALSE(succeeded(R"("complete")", R"("client_abort")"));
  EXPECT_FALSE(succeeded(R"("complete")", R"("upstream_truncated")"));
  EXPECT_FALSE(succeeded(R"("status":200)", R"("status":429)"));
  EXPECT_FALSE(succeeded(R"("truncated":false)", R"("truncated":true)"));
  EXPECT_FALSE(succeeded(R"({"id":"r"})", "null"));
}

TEST(LogEntry, SaysWhyALineIsRejected) {
  const auto reason = [](std::string_view line) {
    const auto entry = parse_log_entry(line);
    return entry ? std::string() : entry.error().message;
  };
  EXPECT_EQ(reason("{bad"), "not valid JSON at byte 1: a key was expected");
  EXPECT_EQ(reason(R"({"timestamp":"x"})"), "no session_id");
  EXPECT_EQ(reason(R"({"session_id":"x"})"), "no timestamp");
  EXPECT_EQ(reason(R"({"session_id":7})"), "session_id is not a string");
  EXPECT_EQ(reason(R"({"session_id":"x","timestamp":"13.1.2026"})"),
            "timestamp is not an ISO 8601 time");
  EXPECT_EQ(reason(R"({"session_id":"x","timestamp":"2026-01-13T10:00:00Z"})"), "no request");
  EXPECT_EQ(reason("{\"a\":\"\xff\"}"), "not valid UTF-8");
  EXPECT_EQ(reason(kOurs.substr(0, kOurs.size() - 1)),
            "not valid JSON at byte " + std::to_string(kOurs.size() - 1) +
                ": ',' or '}' was expected in an object");
}

TEST(LogEntry, ReadsTimesWithAndWithoutZoneAndFraction) {
  const auto text = [](std::string_view time) {
    const auto parsed = parse_iso8601(time);
    return parsed ? iso8601(*parsed) : "none";
  };
  EXPECT_EQ(text("2026-01-13T10:00:00Z"), "2026-01-13T10:00:00.000000+00:00");
  EXPECT_EQ(text("2026-01-13T10:00:00.5+02:00"), "2026-01-13T08:00:00.500000+00:00");
  EXPECT_EQ(text("2026-01-13 10:00:00.123456789"), "2026-01-13T10:00:00.123456+00:00");
  for (const std::string_view bad :
       {"", "x", "2026-02-30T10:00:00Z", "2026-01-13T24:00:00Z", "2026-01-13T10:00:00.Z",
        "2026-01-13T10:00:00+0200", "2026-01-13T10:00", "2026-01-13T10:00:00Zx"}) {
    EXPECT_EQ(text(bad), "none") << bad;
  }
}

TEST(LogEntry, TellsTheSinksOtherLayoutsFromABadLine) {
  EXPECT_TRUE(is_other_layout(R"({"request_id":"1","protocol":"openai","prompt":"x"})"));
  EXPECT_TRUE(is_other_layout(R"({"timestamp":"t","direction":"request","body":{}})"));
  EXPECT_TRUE(is_other_layout(
      R"({"timestamp":"t","request":{"method":"POST","path":"/","headers":{},"body":{}},)"
      R"("response":{"status_code":200},"user_id":"u"})"));
  EXPECT_FALSE(is_other_layout(kOurs));
  EXPECT_FALSE(is_other_layout(R"({"timestamp": "x"})"));
  EXPECT_FALSE(is_other_layout("{bad"));
}

}  // namespace
}  // namespace albicilla
