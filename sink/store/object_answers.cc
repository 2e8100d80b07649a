#include "sink/store/object_answers.h"

#include <algorithm>
#include <array>

#include "sink/store/xml_fields.h"

namespace albicilla {

namespace {

// Codes whose status alone would mislead. A retry mends these ...
constexpr std::array<std::string_view, 9> kPassing{
    "RequestTimeout",   "BadDigest",  "Md5Mismatch", "IncompleteBody", "ConditionalRequestConflict",
    "OperationAborted", "ServerBusy", "SlowDown",    "InternalError"};
// ... and these wait for a person.
constexpr std::array<std::string_view, 6> kRefusing{"NoSuchBucket",      "ContainerNotFound",
                                                    "ContainerDisabled", "AccountIsDisabled",
                                                    "InvalidBucketName", "RequestTimeTooSkewed"};

template <class Codes>
bool holds(const Codes& codes, std::string_view code) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

StoreVerdict verdict_of(int status, std::string_view code) {
  if (holds(kPassing, code)) return StoreVerdict::unavailable;
  if (holds(kRefusing, code)) return StoreVerdict::refused;
  if (status == 404) return StoreVerdict::missing;
  if (status == 409 || status == 412) return StoreVerdict::conflict;
  if (status == 408 || status == 429 || status >= 500) return StoreVerdict::unavailable;
  return StoreVerdict::refused;
}

}  // namespace

std::string object_error_code(const HttpReply& reply) {
  if (const auto code = find_header(reply.headers, "x-ms-error-code")) return std::string(*code);
  return xml_field(reply.body, "Code").substr(0, 64);
}

StoreAnswer failed_answer(const std::string& what, const HttpReply& reply) {
  const std::string code = object_error_code(reply);
  StoreAnswer answer;
  answer.verdict = verdict_of(reply.status, code);
  answer.message = what + ": status " + std::to_string(reply.status);
  if (!code.empty()) answer.message += " " + code;
  return answer;
}

StoreAnswer failed_answer(const std::string& what, const Error& error) {
  StoreAnswer answer;
  answer.verdict = error.fault == Fault::ours ? StoreVerdict::refused : StoreVerdict::unavailable;
  answer.message = what + ": " + error.message;
  return answer;
}

StoreAnswer compared_answer(const std::string& what, const StoreAnswer& found, std::uint64_t size,
                            const std::string& sha256_hex) {
  StoreAnswer answer = found;
  if (found.size == size && found.sha256 == sha256_hex) {
    answer.verdict = StoreVerdict::already_there;
    return answer;
  }
  answer.verdict = StoreVerdict::conflict;
  answer.message = what + ": other bytes are stored under that name (" +
                   std::to_string(found.size) + " bytes there, " + std::to_string(size) + " here)";
  return answer;
}

}  // namespace albicilla
