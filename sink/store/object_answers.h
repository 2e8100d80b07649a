// What an object store's HTTP answer means for an upload: one table for S3 and Azure, whose error
// codes share their meaning. Pure.
#pragma once

#include <string>

#include "sink/store/http_client.h"
#include "sink/store/store.h"

namespace albicilla {

// "NoSuchBucket", from the x-ms-error-code header or the body's <Code>; empty when there is none.
std::string object_error_code(const HttpReply& reply);

// For an answer that is not the one hoped for. `what` names store, action and object: "s3: put
// 2026-01-13/a.jsonl".
StoreAnswer failed_answer(const std::string& what, const HttpReply& reply);
StoreAnswer failed_answer(const std::string& what, const Error& error);

// An object is there already: is it this file? `found` comes from head().
StoreAnswer compared_answer(const std::string& what, const StoreAnswer& found, std::uint64_t size,
                            const std::string& sha256_hex);

// Where the metadata stands that lets head() know a whole file again.
inline constexpr const char* kS3Sha256Header = "x-amz-meta-albicilla-sha256";
inline constexpr const char* kAzureSha256Header = "x-ms-meta-albicilla_sha256";

}  // namespace albicilla
