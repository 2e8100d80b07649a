#include "sink/store/http_client.h"

#include <gtest/gtest.h>

#include "sink/store/s3.h"
#include "tests/support/scratch_directory.h"
#include "tests/support/stores/certificate.h"
#include "tests/support/stores/s3_server.h"

namespace albicilla {
namespace {

TEST(ParseEndpoint, TakesUrlsApart) {
  const auto plain = parse_endpoint("http://127.0.0.1:10000/devstoreaccount1/");
  ASSERT_TRUE(plain);
  EXPECT_EQ(*plain, (Endpoint{"http", "127.0.0.1", 10000, "/devstoreaccount1"}));
  EXPECT_EQ(plain->authority(), "127.0.0.1:10000");
  const auto secure = parse_endpoint("HTTPS://s3.example.com");
  ASSERT_TRUE(secure);
  EXPECT_EQ(*secure, (Endpoint{"https", "s3.example.com", 443, ""}));
  EXPECT_EQ(secure->authority(), "s3.example.com");
  const auto v6 = parse_endpoint("http://[::1]:9000");
  ASSERT_TRUE(v6);
  EXPECT_EQ(*v6, (Endpoint{"http", "[::1]", 9000, ""}));
}

TEST(ParseEndpoint, RefusesEverythingElse) {
  for (const char* wrong : {"", "s3.example.com", "ftp://x", "http://", "http://x:0", "http://x:y",
                            "http://x:70000", "http://user@x", "http://x/?q", "http:// x"}) {
    EXPECT_FALSE(parse_endpoint(wrong)) << wrong;
  }
}

const AwsCredentials kKeys{"AK", "SK", ""};

S3Options options_for(const std::string& endpoint) {
  S3Options options;
  options.endpoint = *parse_endpoint(endpoint);
  options.bucket = "logs";
  options.addressing = S3Addressing::path_style;
  options.credentials = kKeys;
  return options;
}

class HttpClientTest : public testing::Test {
 protected:
  StoreAnswer head(const S3Options& options, const std::string& ca_file = "") {
    Pacer pacer(clock_, 0);
    HttpClient::Options client;
    client.endpoint = options.endpoint;
    client.ca_file = ca_file;
    S3 store(options, std::make_unique<HttpClient>(client, pacer), clock_);
    return store.head("a");
  }
  tests::ScratchDirectory scratch_;
  SystemClock clock_;
};

TEST_F(HttpClientTest, ChecksTheServersCertificate) {
  const auto tls = tests::make_certificate(scratch_.path(), -3600, 3600);
  tests::S3Server server("logs", kKeys, tls);
  const S3Options options = options_for(server.endpoint());
  const StoreAnswer trusted = head(options, tls.cert_file);
  EXPECT_EQ(trusted.verdict, StoreVerdict::missing) << trusted.message;
  const StoreAnswer unknown = head(options);
  EXPECT_EQ(unknown.verdict, StoreVerdict::refused);
  EXPECT_NE(unknown.message.find("certificate"), std::string::npos) << unknown.message;
}

TEST_F(HttpClientTest, RefusesAnExpiredCertificate) {
  const auto tls = tests::make_certificate(scratch_.path(), -7200, -3600);
  tests::S3Server server("logs", kKeys, tls);
  const StoreAnswer answer = head(options_for(server.endpoint()), tls.cert_file);
  EXPECT_EQ(answer.verdict, StoreVerdict::refused);
  EXPECT_NE(answer.message.find("certificate"), std::string::npos) << answer.message;
}

TEST_F(HttpClientTest, SaysThatNobodyIsThere) {
  const StoreAnswer answer = head(options_for("http://127.0.0.1:1"));
  EXPECT_EQ(answer.verdict, StoreVerdict::unavailable);
  EXPECT_NE(answer.message.find("cannot connect"), std::string::npos) << answer.message;
}

}  // namespace
}  // namespace albicilla
