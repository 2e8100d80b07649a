#include "sink/store/shared_key.h"

#include <gtest/gtest.h>

#include "sink/store/checksum.h"

namespace albicilla {
namespace {

const AzureAccount kAccount{"myaccount", "key"};

TEST(SharedKey, BuildsTheStringOfTheDocumentedListing) {
  // "Authorize with Shared Key", version 2015-02-21 and later: GET of a container's metadata.
  AzureRequest request;
  request.method = "GET";
  request.path = "/mycontainer";
  request.query = {{"restype", "container"}, {"comp", "metadata"}, {"timeout", "20"}};
  request.headers = {{"x-ms-version", "2015-02-21"},
                     {"x-ms-date", "Fri, 26 Jun 2015 23:39:12 GMT"},
                     {"Host", "myaccount.blob.core.windows.net"}};
  EXPECT_EQ(azure_string_to_sign(request, kAccount),
            "GET\n\n\n\n\n\n\n\n\n\n\n\n"
            "x-ms-date:Fri, 26 Jun 2015 23:39:12 GMT\nx-ms-version:2015-02-21\n"
            "/myaccount/mycontainer\ncomp:metadata\nrestype:container\ntimeout:20");
}

TEST(SharedKey, PutsEveryStandardHeaderInItsPlace) {
  AzureRequest request;
  request.method = "PUT";
  request.path = "/devstoreaccount1/logs/a%20b";
  request.headers = {{"Content-Type", "application/octet-stream"},
                     {"Content-MD5", "md5"},
                     {"If-None-Match", "*"},
                     {"X-Ms-Blob-Type", "BlockBlob"},
                     {"x-ms-date", "now"}};
  request.content_length = 11;
  EXPECT_EQ(azure_string_to_sign(request, {"devstoreaccount1", "key"}),
            "PUT\n\n\n11\nmd5\napplication/octet-stream\n\n\n\n*\n\n\n"
            "x-ms-blob-type:BlockBlob\nx-ms-date:now\n"
            "/devstoreaccount1/devstoreaccount1/logs/a%20b");
}

TEST(SharedKey, JoinsTheValuesOfARepeatedParameter) {
  AzureRequest request;
  request.method = "GET";
  request.path = "/c";
  request.query = {{"include", "metadata"}, {"Include", "snapshots"}};
  EXPECT_TRUE(azure_string_to_sign(request, kAccount).ends_with("\ninclude:metadata,snapshots"));
}

TEST(SharedKey, IsTheHmacOfThatString) {
  AzureRequest request;
  request.method = "GET";
  request.path = "/c";
  EXPECT_EQ(azure_authorization(request, kAccount),
            "SharedKey myaccount:" +
                base64_of(raw_hmac_sha256("key", azure_string_to_sign(request, kAccount))));
}

}  // namespace
}  // namespace albicilla
