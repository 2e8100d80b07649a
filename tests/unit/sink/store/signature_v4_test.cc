#include "sink/store/signature_v4.h"

#include <gtest/gtest.h>

#include "sink/store/checksum.h"

namespace albicilla {
namespace {

// The examples of the Amazon S3 API reference, "Authenticating Requests (AWS Signature Version 4)".
constexpr WallTime kExampleTime{std::chrono::microseconds{1'369'353'600'000'000}};  // 20130524
const AwsCredentials kExampleKeys{"AKIAIOSFODNN7EXAMPLE",
                                  "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", ""};
const AwsScope kExampleScope{"us-east-1", "s3"};
const Header kExampleHost{"Host", "examplebucket.s3.amazonaws.com"};

std::string signature(const AwsRequest& request, const AwsScope& scope = kExampleScope,
                      const AwsCredentials& keys = kExampleKeys, WallTime now = kExampleTime) {
  const Headers headers = sign_aws(request, scope, keys, now);
  const std::string value(find_header(headers, "Authorization").value_or(""));
  return value.substr(value.find("Signature=") + 10);
}

TEST(SignatureV4, AgreesWithTheExampleOfAGetWithARange) {
  const AwsRequest request{
      "GET", "/test.txt", {}, {kExampleHost, {"Range", "bytes=0-9"}}, hex_of(raw_sha256(""))};
  EXPECT_EQ(signature(request), "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST(SignatureV4, AgreesWithTheExampleOfAPutWhosePathNeedsEncoding) {
  const AwsRequest request{"PUT",
                           "/test$file.text",
                           {},
                           {kExampleHost,
                            {"Date", "Fri, 24 May 2013 00:00:00 GMT"},
                            {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
                           hex_of(raw_sha256("Welcome to Amazon S3."))};
  EXPECT_EQ(signature(request), "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
}

TEST(SignatureV4, AgreesWithTheExampleOfAQueryParameterWithoutValue) {
  const AwsRequest request{"GET", "/", {{"lifecycle", ""}}, {kExampleHost}, hex_of(raw_sha256(""))};
  EXPECT_EQ(signature(request), "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
}

TEST(SignatureV4, AgreesWithTheExampleOfAListing) {
  const AwsRequest request{
      "GET", "/", {{"prefix", "J"}, {"max-keys", "2"}}, {kExampleHost}, hex_of(raw_sha256(""))};
  EXPECT_EQ(signature(request), "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST(SignatureV4, AgreesWithTheTestSuiteOfOtherServices) {
  // aws-sig-v4-test-suite: get-vanilla and get-vanilla-query-order-key-case.
  constexpr WallTime kTime{std::chrono::microseconds{1'440'938'160'000'000}};  // 20150830T123600Z
  const AwsCredentials keys{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", ""};
  const AwsScope scope{"us-east-1", "service"};
  const Header host{"Host", "example.amazonaws.com"};
  EXPECT_EQ(signature({"GET", "/", {}, {host}, hex_of(raw_sha256(""))}, scope, keys, kTime),
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
  const Query query{{"Param2", "value2"}, {"Param1", "value1"}};
  EXPECT_EQ(signature({"GET", "/", query, {host}, hex_of(raw_sha256(""))}, scope, keys, kTime),
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
}

TEST(SignatureV4, SignsTheTokenOfTemporaryCredentials) {
  AwsCredentials keys = kExampleKeys;
  keys.session_token = "token";
  const Headers headers = sign_aws({"GET", "/", {}, {kExampleHost}, hex_of(raw_sha256(""))},
                                   kExampleScope, keys, kExampleTime);
  EXPECT_EQ(find_header(headers, "X-Amz-Security-Token"), "token");
  EXPECT_NE(find_header(headers, "Authorization")->find("x-amz-security-token"),
            std::string_view::npos);
}

TEST(SignatureV4, EncodesEverythingButUnreservedCharacters) {
  EXPECT_EQ(uri_encode("a b/ż~.-_"), "a%20b%2F%C5%BC~.-_");
  EXPECT_EQ(uri_encode_path("/day/a b$.jsonl"), "/day/a%20b%24.jsonl");
  EXPECT_EQ(canonical_query({{"b", "2"}, {"a", "x y"}}), "a=x%20y&b=2");
}

}  // namespace
}  // namespace albicilla
