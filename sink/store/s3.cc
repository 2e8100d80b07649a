#include "sink/store/s3.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "common/base/log.h"
#include "sink/store/checksum.h"
#include "sink/store/object_answers.h"
#include "sink/store/xml_fields.h"

namespace albicilla {

namespace {

constexpr std::uint64_t kMostParts = 10'000;  // the protocol's own limit

std::uint64_t to_number(std::string_view text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::string what(std::string_view action, const std::string& name) {
  return "s3: " + std::string(action) + " " + name;
}

std::string unquoted(std::string_view etag) {
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') {
    etag = etag.substr(1, etag.size() - 2);
  }
  return std::string(etag);
}

}  // namespace

// One request of the protocol.
struct S3::Call {
  std::string method;
  std::string name;  // empty: the bucket itself
  Query query;
  Headers headers;
  std::string body;
  const SourceFile* file = nullptr;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::string payload_sha256;  // hex; empty: of `body`
};

// A file on its way under a name.
struct S3::Whole {
  const std::string& name;
  const SourceFile& file;
  PutMode mode;
  FileDigests digests;

  // What makes the object known again, and keeps another one from being overwritten.
  Headers metadata() const {
    return {{"Content-Type", "application/octet-stream"},
            {kS3Sha256Header, hex_of(digests.sha256)}};
  }
  void add_condition(Headers& headers) const {
    if (mode == PutMode::create) headers.push_back({"If-None-Match", "*"});
  }
};

Endpoint s3_host(const S3Options& options) {
  Endpoint host = options.endpoint;
  if (options.addressing == S3Addressing::virtual_host)
    host.host = options.bucket + "." + host.host;
  return host;
}

S3::S3(S3Options options, std::unique_ptr<HttpTransport> transport, const Clock& clock)
    : options_(std::move(options)),
      host_(s3_host(options_)),
      transport_(std::move(transport)),
      clock_(clock) {}

Result<HttpReply> S3::send(const Call& call) {
  AwsRequest request;
  request.method = call.method;
  request.path = host_.base_path;
  if (options_.addressing == S3Addressing::path_style) request.path += "/" + options_.bucket;
  request.path += "/";
  if (!call.name.empty()) request.path += options_.prefix + call.name;
  request.query = call.query;
  request.headers = call.headers;
  request.headers.push_back({"Host", host_.authority()});
  request.payload_sha256 =
      call.payload_sha256.empty() ? hex_of(raw_sha256(call.body)) : call.payload_sha256;

  HttpRequest out;
  out.method = call.method;
  out.headers = sign_aws(request, {options_.region, "s3"}, options_.credentials, clock_.wall());
  out.target = uri_encode_path(request.path);
  if (!call.query.empty()) out.target += "?" + canonical_query(call.query);
  out.body = call.body;
  out.file = call.file;
  out.file_offset = call.offset;
  out.file_size = call.size;
  return transport_->send(out);
}

StoreAnswer S3::head(const std::string& name) {
  Call call;
  call.method = "HEAD";
  call.name = name;
  const auto reply = send(call);
  if (!reply) return failed_answer(what("head", name), reply.error());
  if (reply->status != 200) return failed_answer(what("head", name), *reply);
  StoreAnswer answer;
  answer.verdict = StoreVerdict::confirmed;
  answer.size = to_number(find_header(reply->headers, "Content-Length").value_or(""));
  answer.sha256 = find_header(reply->headers, kS3Sha256Header).value_or("");
  return answer;
}

StoreAnswer S3::put(const std::string& name, const SourceFile& file, PutMode mode) {
  auto digests = file.digests();
  if (!digests) return failed_answer(what("put", name), upstream_error(digests.error().message));
  const Whole whole{name, file, mode, *std::move(digests)};
  const std::string sha256_hex = hex_of(whole.digests.sha256);
  // Asking first saves the upload when an earlier answer was lost, and tells a wrong key before
  // gigabytes have been sent.
  const StoreAnswer found = head(name);
  if (found.verdict == StoreVerdict::confirmed) {
    StoreAnswer compared = compared_answer(what("put", name), found, file.size(), sha256_hex);
    if (compared.holds() || mode == PutMode::create) return compared;
  } else if (found.verdict != StoreVerdict::missing) {
    return found;
  }
  StoreAnswer answer =
      file.size() <= options_.part_bytes ? put_at_once(whole) : put_in_parts(whole);
  if (answer.verdict == StoreVerdict::conflict && mode == PutMode::create) {
    const StoreAnswer other = head(name);  // somebody was faster: perhaps our own lost attempt
    if (other.verdict == StoreVerdict::confirmed) {
      return compared_answer(what("put", name), other, file.size(), sha256_hex);
    }
  }
  // An upload that vanished under us (somebody's clean-up): begin again.
  if (answer.verdict == StoreVerdict::missing) answer.verdict = StoreVerdict::unavailable;
  return answer;
}

StoreAnswer S3::put_at_once(const Whole& whole) {
  Call call;
  call.method = "PUT";
  call.name = whole.name;
  call.headers = whole.metadata();
  call.headers.push_back({"Content-MD5", base64_of(whole.digests.md5)});
  whole.add_condition(call.headers);
  call.file = &whole.file;
  call.size = whole.file.size();
  call.payload_sha256 = hex_of(whole.digests.sha256);
  const auto reply = send(call);
  if (!reply) return failed_answer(what("put", whole.name), reply.error());
  if (reply->status != 200) return failed_answer(what("put", whole.name), *reply);
  return {StoreVerdict::confirmed, whole.file.size(), hex_of(whole.digests.sha256), ""};
}

StoreAnswer S3::put_in_parts(const Whole& whole) {
  abort_stale_uploads(whole.name);
  Call call;
  call.method = "POST";
  call.name = whole.name;
  call.query = {{"uploads", ""}};
  call.headers = whole.metadata();
  const auto reply = send(call);
  if (!reply) return failed_answer(what("put", whole.name), reply.error());
  const std::string upload_id = reply->status == 200 ? xml_field(reply->body, "UploadId") : "";
  if (upload_id.empty()) return failed_answer(what("put", whole.name), *reply);
  StoreAnswer answer = put_parts(whole, upload_id);
  if (!answer.holds()) abort_upload(whole.name, upload_id);
  return answer;
}

StoreAnswer S3::put_parts(const Whole& whole, const std::string& upload_id) {
  const std::uint64_t size = whole.file.size();
  const std::uint64_t part_size =
      std::max(options_.part_bytes, (size + kMostParts - 1) / kMostParts);
  std::vector<std::string> etags;
  for (std::uint64_t offset = 0; offset < size; offset += part_size) {
    Call call;
    call.method = "PUT";
    call.name = whole.name;
    call.query = {{"partNumber", std::to_string(etags.size() + 1)}, {"uploadId", upload_id}};
    call.file = &whole.file;
    call.offset = offset;
    call.size = std::min(part_size, size - offset);
    const auto digests = whole.file.digests(call.offset, call.size);
    if (!digests) {
      return failed_answer(what("put", whole.name), upstream_error(digests.error().message));
    }
    call.payload_sha256 = hex_of(digests->sha256);
    call.headers = {{"Content-Type", "application/octet-stream"},
                    {"Content-MD5", base64_of(digests->md5)}};
    const auto reply = send(call);
    if (!reply) return failed_answer(what("put", whole.name), reply.error());
    const auto etag = find_header(reply->headers, "ETag");
    if (reply->status != 200 || !etag) return failed_answer(what("put", whole.name), *reply);
    etags.push_back(unquoted(*etag));
  }
  return complete(whole, upload_id, etags);
}

StoreAnswer S3::complete(const Whole& whole, const std::string& upload_id,
                         const std::vector<std::string>& etags) {
  Call call;
  call.method = "POST";
  call.name = whole.name;
  call.query = {{"uploadId", upload_id}};
  call.headers = {{"Content-Type", "application/xml"}};
  whole.add_condition(call.headers);
  call.body = "<CompleteMultipartUpload>";
  for (std::size_t i = 0; i < etags.size(); ++i) {
    call.body += "<Part><PartNumber>" + std::to_string(i + 1) + "</PartNumber><ETag>&quot;" +
                 xml_escape(etags[i]) + "&quot;</ETag></Part>";
  }
  call.body += "</CompleteMultipartUpload>";
  const auto reply = send(call);
  if (!reply) return failed_answer(what("put", whole.name), reply.error());
  // The server may say 200 before it knows, and then put an error into the body.
  if (reply->status == 200 && object_error_code(*reply).empty() &&
      !xml_field(reply->body, "ETag").empty()) {
    return {StoreVerdict::confirmed, whole.file.size(), hex_of(whole.digests.sha256), ""};
  }
  StoreAnswer answer = failed_answer(what("put", whole.name), *reply);
  if (reply->status == 200) answer.verdict = StoreVerdict::unavailable;
  return answer;
}

// Parts of an upload that a crash cut off are stored, and paid for, until somebody aborts them.
void S3::abort_stale_uploads(const std::string& name) {
  Call call;
  call.method = "GET";
  call.query = {{"uploads", ""}, {"prefix", options_.prefix + name}};
  const auto reply = send(call);
  if (!reply || reply->status != 200) {
    log_warning("cannot list unfinished uploads",
                {{"store", "s3"}, {"status", reply ? reply->status : 0}});
    return;
  }
  for (const std::string_view upload : xml_elements(reply->body, "Upload")) {
    if (xml_field(upload, "Key") == options_.prefix + name) {
      abort_upload(name, xml_field(upload, "UploadId"));
    }
  }
}

void S3::abort_upload(const std::string& name, const std::string& upload_id) {
  Call call;
  call.method = "DELETE";
  call.name = name;
  call.query = {{"uploadId", upload_id}};
  const auto reply = send(call);
  if (!reply || (reply->status != 204 && reply->status != 404)) {
    log_warning("cannot abort an unfinished upload, the next attempt tries again",
                {{"store", "s3"}, {"object", name}, {"status", reply ? reply->status : 0}});
  }
}

StoreAnswer S3::append(const std::string& name, const SourceFile&, std::uint64_t) {
  return {StoreVerdict::unsupported, 0, "", what("append", name) + ": s3 cannot append"};
}

StoreAnswer S3::remove(const std::string& name) {
  const StoreAnswer found = head(name);  // S3 itself answers 204 for what never was
  if (found.verdict != StoreVerdict::confirmed) return found;
  Call call;
  call.method = "DELETE";
  call.name = name;
  const auto reply = send(call);
  if (!reply) return failed_answer(what("remove", name), reply.error());
  if (reply->status != 204 && reply->status != 200) {
    return failed_answer(what("remove", name), *reply);
  }
  return found;
}

}  // namespace albicilla
