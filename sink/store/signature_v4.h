// AWS Signature Version 4 as a pure function: the time and the credentials are arguments, the
// published examples are its tests.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "common/http/headers.h"

namespace albicilla {

struct AwsCredentials {
  std::string access_key;
  std::string secret_key;
  std::string session_token;  // of temporary credentials, else empty
};

// Where a signature is valid: "us-east-1", "s3".
struct AwsScope {
  std::string region;
  std::string service = "s3";
};

using Query = std::vector<std::pair<std::string, std::string>>;  // names and values, not encoded

struct AwsRequest {
  std::string method;
  std::string path;  // not encoded, starts with '/'
  Query query;
  Headers headers;             // must hold Host; everything in here gets signed
  std::string payload_sha256;  // hex, or "UNSIGNED-PAYLOAD"
};

// The request's headers, completed by X-Amz-Date, X-Amz-Content-Sha256 (s3 only),
// X-Amz-Security-Token (when there is one) and Authorization.
Headers sign_aws(const AwsRequest& request, const AwsScope& scope,
                 const AwsCredentials& credentials, WallTime now);

// What gets signed, for tests and for a clear message when a server disagrees.
std::string aws_canonical_request(const AwsRequest& request);

// RFC 3986: everything but unreserved characters becomes %XX; '/' stays when it is a path.
std::string uri_encode(std::string_view text);
std::string uri_encode_path(std::string_view path);
// "a=1&b=" with names and values encoded, in the order of the encoded names.
std::string canonical_query(const Query& query);

}  // namespace albicilla
