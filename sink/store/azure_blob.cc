#include "sink/store/azure_blob.h"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <utility>

#include "sink/store/checksum.h"
#include "sink/store/object_answers.h"

namespace albicilla {

namespace {

constexpr const char* kVersion = "2021-08-06";
constexpr std::uint64_t kMostBlocks = 50'000;  // the protocol's own limit

std::string what(std::string_view action, const std::string& name) {
  return "azure_blob: " + std::string(action) + " " + name;
}

// "Sun, 06 Nov 1994 08:49:37 GMT"
std::string http_date(WallTime now) {
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char rest[32];  // names above, because strftime's follow the locale
  const std::string day(rest, std::strftime(rest, sizeof(rest), "%d", &parts));
  const std::string year(rest, std::strftime(rest, sizeof(rest), "%Y %H:%M:%S GMT", &parts));
  return std::string(kDays[parts.tm_wday]) + ", " + day + " " + kMonths[parts.tm_mon] + " " + year;
}

std::uint64_t to_number(std::string_view text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

// One request of the protocol.
struct AzureBlob::Call {
  std::string method;
  std::string name;  // empty: the container itself
  Query query;
  Headers headers;
  std::string body;
  const SourceFile* file = nullptr;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

// What stands under a name.
struct AzureBlob::Found {
  StoreAnswer answer;
  std::string etag;
  bool is_append_blob = false;
};

// A file on its way under a name.
struct AzureBlob::Whole {
  const std::string& name;
  const SourceFile& file;
  FileDigests digests;
  Header condition;  // nothing there yet, or still what look() saw; no name: none

  Headers metadata() const {
    Headers headers{{"Content-Type", "application/octet-stream"},
                    {"x-ms-blob-content-type", "application/octet-stream"},
                    {"x-ms-blob-content-md5", base64_of(digests.md5)},
                    {kAzureSha256Header, hex_of(digests.sha256)}};
    if (!condition.name.empty()) headers.push_back(condition);
    return headers;
  }
};

Endpoint azure_public_endpoint(const std::string& account) {
  return {"https", account + ".blob.core.windows.net", 443, ""};
}

AzureBlob::AzureBlob(AzureOptions options, std::unique_ptr<HttpTransport> transport,
                     const Clock& clock)
    : options_(std::move(options)), transport_(std::move(transport)), clock_(clock) {}

Result<HttpReply> AzureBlob::send(const Call& call) {
  AzureRequest request;
  request.method = call.method;
  request.path = options_.endpoint.base_path + "/" + options_.container;
  if (!call.name.empty()) request.path += "/" + uri_encode_path(options_.prefix + call.name);
  request.query = call.query;
  request.headers = call.headers;
  request.headers.push_back({"x-ms-date", http_date(clock_.wall())});
  request.headers.push_back({"x-ms-version", kVersion});
  request.content_length = call.file == nullptr ? call.body.size() : call.size;
  HttpRequest out;
  out.method = call.method;
  out.target = request.path;
  if (!call.query.empty()) out.target += "?" + canonical_query(call.query);
  out.headers = request.headers;
  out.headers.push_back({"Host", options_.endpoint.authority()});
  out.headers.push_back({"Authorization", azure_authorization(request, options_.account)});
  out.body = call.body;
  out.file = call.file;
  out.file_offset = call.offset;
  out.file_size = call.size;
  return transport_->send(out);
}

Result<HttpReply> AzureBlob::send_or_make_container(const Call& call) {
  auto reply = send(call);
  if (!reply || reply->status != 404 || object_error_code(*reply) != "ContainerNotFound") {
    return reply;
  }
  Call make;
  make.method = "PUT";
  make.query = {{"restype", "container"}};
  make.headers = {{"Content-Type", "application/octet-stream"}};
  auto made = send(make);
  if (!made || (made->status != 201 && made->status != 409)) return made;
  return send(call);
}

AzureBlob::Found AzureBlob::look(const std::string& name) {
  Call call;
  call.method = "HEAD";
  call.name = name;
  Found found;
  const auto reply = send(call);
  if (!reply) {
    found.answer = failed_answer(what("head", name), reply.error());
  } else if (reply->status != 200) {
    found.answer = failed_answer(what("head", name), *reply);
    if (object_error_code(*reply) == "ContainerNotFound") {
      found.answer.verdict = StoreVerdict::missing;
    }
  } else {
    const auto header = [&](const char* header_name) {
      return std::string(find_header(reply->headers, header_name).value_or(""));
    };
    found.answer = {StoreVerdict::confirmed, to_number(header("Content-Length")),
                    header(kAzureSha256Header), ""};
    found.etag = header("ETag");
    found.is_append_blob = header("x-ms-blob-type") == "AppendBlob";
  }
  return found;
}

StoreAnswer AzureBlob::head(const std::string& name) { return look(name).answer; }

StoreAnswer AzureBlob::put(const std::string& name, const SourceFile& file, PutMode mode) {
  auto digests = file.digests();
  if (!digests) return failed_answer(what("put", name), upstream_error(digests.error().message));
  const std::string sha256_hex = hex_of(digests->sha256);
  const Found found = look(name);
  Whole whole{name, file, *std::move(digests), {"If-None-Match", "*"}};
  if (found.answer.verdict == StoreVerdict::confirmed) {
    StoreAnswer compared =
        compared_answer(what("put", name), found.answer, file.size(), sha256_hex);
    const bool sealed_since = found.is_append_blob && found.answer.size <= file.size();
    if (compared.holds() || (mode == PutMode::create && !sealed_since)) return compared;
    whole.condition = {"If-Match", found.etag};
  } else if (found.answer.verdict != StoreVerdict::missing) {
    return found.answer;
  }
  StoreAnswer answer =
      file.size() <= options_.block_bytes ? put_at_once(whole) : put_in_blocks(whole);
  if (answer.verdict == StoreVerdict::conflict) {
    const Found other = look(name);  // somebody was faster: perhaps our own lost attempt
    if (other.answer.verdict == StoreVerdict::confirmed) {
      return compared_answer(what("put", name), other.answer, file.size(), sha256_hex);
    }
  }
  if (answer.verdict == StoreVerdict::missing) answer.verdict = StoreVerdict::unavailable;
  return answer;
}

StoreAnswer AzureBlob::put_at_once(const Whole& whole) {
  Call call;
  call.method = "PUT";
  call.name = whole.name;
  call.headers = whole.metadata();
  call.headers.push_back({"x-ms-blob-type", "BlockBlob"});
  call.headers.push_back({"Content-MD5", base64_of(whole.digests.md5)});
  call.file = &whole.file;
  call.size = whole.file.size();
  const auto reply = send_or_make_container(call);
  if (!reply) return failed_answer(what("put", whole.name), reply.error());
  if (reply->status != 201) return failed_answer(what("put", whole.name), *reply);
  return {StoreVerdict::confirmed, whole.file.size(), hex_of(whole.digests.sha256), ""};
}

StoreAnswer AzureBlob::put_in_blocks(const Whole& whole) {
  const std::uint64_t size = whole.file.size();
  const std::uint64_t block_size =
      std::max(options_.block_bytes, (size + kMostBlocks - 1) / kMostBlocks);
  std::vector<std::string> block_ids;
  for (std::uint64_t offset = 0; offset < size; offset += block_size) {
    // All ids of a blob have one length; a repeated attempt uploads the same ids again.
    std::string number = std::to_string(block_ids.size());
    number.insert(0, 8 - number.size(), '0');
    Call call;
    call.method = "PUT";
    call.name = whole.name;
    call.query = {{"comp", "block"}, {"blockid", base64_of(number)}};
    call.file = &whole.file;
    call.offset = offset;
    call.size = std::min(block_size, size - offset);
    const auto digests = whole.file.digests(call.offset, call.size);
    if (!digests) {
      return failed_answer(what("put", whole.name), upstream_error(digests.error().message));
    }
    call.headers = {{"Content-Type", "application/octet-stream"},
                    {"Content-MD5", base64_of(digests->md5)}};
    const auto reply = send_or_make_container(call);
    if (!reply) return failed_answer(what("put", whole.name), reply.error());
    if (reply->status != 201) return failed_answer(what("put", whole.name), *reply);
    block_ids.push_back(base64_of(number));
  }
  return commit_blocks(whole, block_ids);
}

StoreAnswer AzureBlob::commit_blocks(const Whole& whole,
                                     const std::vector<std::string>& block_ids) {
  Call call;
  call.method = "PUT";
  call.name = whole.name;
  call.query = {{"comp", "blocklist"}};
  call.headers = whole.metadata();
  call.body = "<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>";
  for (const std::string& id : block_ids) call.body += "<Latest>" + id + "</Latest>";
  call.body += "</BlockList>";
  const auto reply = send(call);
  if (!reply) return failed_answer(what("put", whole.name), reply.error());
  if (reply->status != 201) return failed_answer(what("put", whole.name), *reply);
  return {StoreVerdict::confirmed, whole.file.size(), hex_of(whole.digests.sha256), ""};
}

StoreAnswer AzureBlob::append(const std::string& name, const SourceFile& file,
                              std::uint64_t position) {
  if (position == 0) {
    const StoreAnswer made = create_append_blob(name);
    if (!made.holds()) return made;
  }
  while (position < file.size()) {
    const std::uint64_t size = std::min(options_.append_bytes, file.size() - position);
    StoreAnswer answer = append_block(name, file, position, size);
    if (!answer.holds()) return answer;
    position += size;
  }
  return {StoreVerdict::confirmed, position, "", ""};
}

StoreAnswer AzureBlob::create_append_blob(const std::string& name) {
  Call call;
  call.method = "PUT";
  call.name = name;
  call.headers = {{"Content-Type", "application/octet-stream"},
                  {"x-ms-blob-content-type", "application/x-ndjson"},
                  {"x-ms-blob-type", "AppendBlob"},
                  {"If-None-Match", "*"}};
  const auto reply = send_or_make_container(call);
  if (!reply) return failed_answer(what("append", name), reply.error());
  if (reply->status == 201) return {StoreVerdict::confirmed, 0, "", ""};
  StoreAnswer answer = failed_answer(what("append", name), *reply);
  if (answer.verdict != StoreVerdict::conflict) return answer;
  Found found = look(name);
  if (found.answer.verdict != StoreVerdict::confirmed) return found.answer;
  if (!found.is_append_blob) return answer;  // a sealed file, or somebody else's
  if (found.answer.size > 0) {
    found.answer.verdict = StoreVerdict::other_position;
    found.answer.message = what("append", name) + ": the blob is there already";
  }
  return found.answer;
}

StoreAnswer AzureBlob::append_block(const std::string& name, const SourceFile& file,
                                    std::uint64_t position, std::uint64_t size) {
  const auto digests = file.digests(position, size);
  if (!digests) {
    return failed_answer(what("append", name), upstream_error(digests.error().message));
  }
  Call call;
  call.method = "PUT";
  call.name = name;
  call.query = {{"comp", "appendblock"}};
  call.headers = {{"Content-Type", "application/octet-stream"},
                  {"Content-MD5", base64_of(digests->md5)},
                  {"x-ms-blob-condition-appendpos", std::to_string(position)}};
  call.file = &file;
  call.offset = position;
  call.size = size;
  const auto reply = send(call);
  if (!reply) return failed_answer(what("append", name), reply.error());
  if (reply->status == 201) return {StoreVerdict::confirmed, position + size, "", ""};
  StoreAnswer answer = failed_answer(what("append", name), *reply);
  if (reply->status == 412) {
    const Found found = look(name);
    if (found.answer.verdict != StoreVerdict::confirmed) return found.answer;
    answer.verdict = StoreVerdict::other_position;
    answer.size = found.answer.size;
  }
  return answer;
}

StoreAnswer AzureBlob::remove(const std::string& name) {
  StoreAnswer found = head(name);
  if (found.verdict != StoreVerdict::confirmed) return found;
  Call call;
  call.method = "DELETE";
  call.name = name;
  const auto reply = send(call);
  if (!reply) return failed_answer(what("remove", name), reply.error());
  if (reply->status != 202) return failed_answer(what("remove", name), *reply);
  return found;
}

}  // namespace albicilla
