#include "converter/reading/read_ahead.h"

#include <algorithm>
#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace albicilla {
namespace {

// Gives pieces of many sizes, then an error or the end; counts what is asked of it.
class SteppedSource final : public ByteSource {
 public:
  SteppedSource(std::string text, bool breaks, std::atomic<int>& reads)
      : text_(std::move(text)), breaks_(breaks), reads_(reads) {}

  Result<std::size_t> read(std::span<char> into) override {
    ++reads_;
    if (at_ == text_.size() && breaks_) return client_error("the file breaks off");
    step_ = step_ * 7 % 100003;
    const std::size_t count = std::min({step_, into.size(), text_.size() - at_});
    std::copy_n(text_.data() + at_, count, into.data());
    at_ += count;
    return count;
  }

 private:
  std::string text_;
  bool breaks_;
  std::atomic<int>& reads_;
  std::size_t at_ = 0;
  std::size_t step_ = 1;
};

std::string text_of(std::size_t size) {
  std::string text(size, ' ');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i * i % 23);
  return text;
}

struct Outcome {
  std::string text;
  std::string error;
};

// Reads with buffers of `size` to the end or the first error, and once more behind it.
Outcome read_all_of(ByteSource& source, std::size_t size) {
  std::vector<char> buffer(size);
  Outcome outcome;
  for (;;) {
    const auto got = source.read(buffer);
    if (got && *got > 0) {
      outcome.text.append(buffer.data(), *got);
      continue;
    }
    const auto again = source.read(buffer);
    EXPECT_EQ(got.has_value(), again.has_value());
    if (!got) outcome.error = got.error().message;
    return outcome;
  }
}

TEST(ReadAhead, GivesTheSameBytesAndTheSameEndAsItsSource) {
  const std::string text = text_of(3'000'000);
  for (const bool breaks : {false, true}) {
    for (const std::size_t size : {std::size_t{997}, std::size_t{1} << 18, std::size_t{1} << 22}) {
      std::atomic<int> reads = 0;
      const auto ahead = read_ahead(std::make_unique<SteppedSource>(text, breaks, reads));
      const Outcome outcome = read_all_of(*ahead, size);
      EXPECT_TRUE(outcome.text == text) << size;
      EXPECT_EQ(outcome.error, breaks ? "the file breaks off" : "");
    }
  }
}

TEST(ReadAhead, GivesAnEmptySourcesEndAtOnce) {
  std::atomic<int> reads = 0;
  const auto ahead = read_ahead(std::make_unique<SteppedSource>("", false, reads));
  EXPECT_EQ(read_all_of(*ahead, 16).text, "");
  EXPECT_EQ(reads, 1);
}

TEST(ReadAhead, AsksNothingMoreOfASourceBehindItsError) {
  std::atomic<int> reads = 0;
  const auto ahead = read_ahead(std::make_unique<SteppedSource>("", true, reads));
  EXPECT_EQ(read_all_of(*ahead, 16).error, "the file breaks off");
  EXPECT_EQ(reads, 1);
}

TEST(ReadAhead, EndsWhereverItsReaderStops) {
  const std::string text = text_of(5'000'000);
  for (std::size_t wanted = 0; wanted < 8; ++wanted) {
    std::atomic<int> reads = 0;
    const auto ahead = read_ahead(std::make_unique<SteppedSource>(text, false, reads));
    std::vector<char> buffer(1000);
    for (std::size_t i = 0; i < wanted; ++i) ASSERT_TRUE(ahead->read(buffer));
  }
}

}  // namespace
}  // namespace albicilla
