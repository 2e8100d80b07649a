#include "proxy/traffic/name_book.h"

#include <optional>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "common/base/clock.h"

namespace albicilla {
namespace {

namespace asio = boost::asio;

class NameBookTest : public testing::Test {
 protected:
  // Several ask at once.
  std::vector<Result<Addresses>> ask(const std::string& host, int askers = 1,
                                     bool cancelled = false) {
    std::vector<Result<Addresses>> answers;
    for (int i = 0; i < askers; ++i) {
      asio::co_spawn(
          loop_.get_executor(),
          [&]() -> Task<void> {
            NameBook::Asker asker(loop_.get_executor());
            if (cancelled) asker.cancel();
            answers.push_back(co_await names_.addresses(host, asker));
          },
          asio::detached);
    }
    loop_.run();
    loop_.restart();
    return answers;
  }

  SystemClock clock_;
  asio::io_context loop_{1};
  NameBook names_{loop_.get_executor(), clock_};
};

TEST_F(NameBookTest, TakesAnAddressForItself) {
  for (const char* literal : {"127.0.0.1", "::1"}) {
    const auto answers = ask(literal);
    ASSERT_TRUE(answers.front());
    EXPECT_EQ(*answers.front(), Addresses{asio::ip::make_address(literal)});
  }
}

TEST_F(NameBookTest, AnswersAllWhoAsk) {
  for (int round = 0; round < 2; ++round) {
    const auto answers = ask("localhost", 3);
    ASSERT_EQ(answers.size(), 3U);
    for (const auto& answer : answers) {
      ASSERT_TRUE(answer);
      ASSERT_FALSE(answer->empty());
      EXPECT_TRUE(answer->front().is_loopback());
    }
    names_.doubt("localhost");
  }
}

TEST_F(NameBookTest, SaysWhyThereIsNoAddress) {
  const auto answers = ask("no..name");
  ASSERT_FALSE(answers.front());
  EXPECT_FALSE(answers.front().error().message.empty());
}

TEST_F(NameBookTest, LetsAnAskerGoThatWaitsNoLonger) {
  const auto answers = ask("localhost", 1, true);
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_FALSE(answers.front());
}

}  // namespace
}  // namespace albicilla
