#include "tests/support/stores/s3_server.h"

#include <httplib.h>

#include <algorithm>
#include <condition_variable>
#include <ctime>
#include <thread>
#include <utility>

#include "common/base/id128.h"
#include "sink/store/checksum.h"
#include "sink/store/xml_fields.h"

namespace albicilla::tests {

namespace {

struct Object {
  std::string bytes;
  Headers metadata;  // x-amz-meta-*
};

struct Upload {
  std::string name;
  Headers metadata;
  std::map<int, std::string> parts;
};

// A request as the protocol sees it.
struct Asked {
  std::string method;
  std::string path;  // decoded
  Query query;
  Headers headers;
  std::string body;

  std::optional<std::string> parameter(const std::string& name) const {
    for (const auto& [key, value] : query) {
      if (key == name) return value;
    }
    return std::nullopt;
  }
  std::string header(const char* name) const {
    return std::string(find_header(headers, name).value_or(""));
  }
};

std::string decoded(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      out.push_back(static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16)));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

Asked asked_of(const httplib::Request& request) {
  Asked asked;
  asked.method = request.method;
  const std::size_t mark = std::min(request.target.find('?'), request.target.size());
  asked.path = decoded(request.target.substr(0, mark));
  std::string rest = mark < request.target.size() ? request.target.substr(mark + 1) : "";
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('&'), rest.size());
    const std::string one = rest.substr(0, end);
    const std::size_t equals = std::min(one.find('='), one.size());
    asked.query.emplace_back(decoded(one.substr(0, equals)),
                             equals < one.size() ? decoded(one.substr(equals + 1)) : "");
    rest.erase(0, end + 1);
  }
  for (const auto& [name, value] : request.headers) asked.headers.push_back({name, value});
  asked.body = request.body;
  return asked;
}

WallTime parse_time(const std::string& basic) {  // 20130524T000000Z
  std::tm parts{};
  strptime(basic.c_str(), "%Y%m%dT%H%M%SZ", &parts);
  return WallTime{std::chrono::seconds{timegm(&parts)}};
}

std::string random_name() { return hex_text(random_bytes16()); }

std::string error_xml(const char* code) {
  return "<?xml version=\"1.0\"?><Error><Code>" + std::string(code) + "</Code></Error>";
}

}  // namespace

struct S3Server::State {
  std::string bucket;
  AwsCredentials keys;
  bool tls = false;
  std::unique_ptr<httplib::Server> server;
  std::thread thread;
  int port = 0;
  mutable std::mutex mutex;
  std::condition_variable released;
  bool held = false;
  std::map<std::string, Object> objects;
  std::map<std::string, Upload> uploads;

  static void fail(httplib::Response& response, int status, const char* code) {
    response.status = status;
    response.set_content(error_xml(code), "application/xml");
  }

  // What the client must have signed, signed here: equal or not.
  bool signature_fits(const Asked& asked) const {
    const std::string authorization = asked.header("Authorization");
    const std::size_t at = authorization.find("SignedHeaders=");
    if (at == std::string::npos) return false;
    const std::string names =
        ";" + authorization.substr(at + 14, authorization.find(',', at) - at - 14) + ";";
    AwsRequest request{asked.method, asked.path, asked.query, {}, ""};
    request.payload_sha256 = asked.header("x-amz-content-sha256");
    for (const Header& header : asked.headers) {
      const std::string name = lower_name(header.name);
      const bool added = name == "x-amz-date" || name == "x-amz-content-sha256";
      if (!added && names.find(";" + name + ";") != std::string::npos) {
        request.headers.push_back({header.name, header.value});
      }
    }
    const Headers signed_here =
        sign_aws(request, {"us-east-1", "s3"}, keys, parse_time(asked.header("x-amz-date")));
    return find_header(signed_here, "Authorization") == authorization &&
           (request.payload_sha256 == hex_of(raw_sha256(asked.body)));
  }

  void handle(const httplib::Request& raw, httplib::Response& response) {
    const Asked asked = asked_of(raw);
    std::unique_lock lock(mutex);
    released.wait(lock, [&] { return !held; });
    if (!signature_fits(asked)) return fail(response, 403, "SignatureDoesNotMatch");
    const std::string md5 = asked.header("Content-MD5");
    if (!md5.empty() && md5 != base64_of(raw_md5(asked.body))) {
      return fail(response, 400, "BadDigest");
    }
    const std::string root = "/" + bucket + "/";
    if (!asked.path.starts_with(root)) return fail(response, 404, "NoSuchBucket");
    const std::string name = asked.path.substr(root.size());
    if (asked.method == "GET" || asked.method == "HEAD") return read(asked, name, response);
    if (asked.method == "PUT") return write(asked, name, response);
    if (asked.method == "POST") return post(asked, name, response);
    if (asked.parameter("uploadId")) {
      uploads.erase(*asked.parameter("uploadId"));
    } else {
      objects.erase(name);
    }
    response.status = 204;
  }

  void read(const Asked& asked, const std::string& name, httplib::Response& response) const {
    if (asked.parameter("uploads")) {
      std::string xml = "<ListMultipartUploadsResult>";
      for (const auto& [id, upload] : uploads) {
        xml += "<Upload><Key>" + xml_escape(upload.name) + "</Key><UploadId>" + id +
               "</UploadId></Upload>";
      }
      return response.set_content(xml + "</ListMultipartUploadsResult>", "application/xml");
    }
    const auto found = objects.find(name);
    if (found == objects.end()) return fail(response, 404, "NoSuchKey");
    for (const Header& header : found->second.metadata) {
      response.set_header(header.name, header.value);
    }
    response.set_content(found->second.bytes, "application/octet-stream");
  }

  static Headers metadata_of(const Asked& asked) {
    Headers out;
    for (const Header& header : asked.headers) {
      if (lower_name(header.name).starts_with("x-amz-meta-")) out.push_back(header);
    }
    return out;
  }

  void write(const Asked& asked, const std::string& name, httplib::Response& response) {
    if (const auto id = asked.parameter("uploadId")) {
      if (!uploads.contains(*id)) return fail(response, 404, "NoSuchUpload");
      uploads[*id].parts[std::stoi(asked.parameter("partNumber").value_or("0"))] = asked.body;
      response.set_header("ETag", "\"" + hex_of(raw_md5(asked.body)) + "\"");
      return;
    }
    if (asked.header("If-None-Match") == "*" && objects.contains(name)) {
      return fail(response, 412, "PreconditionFailed");
    }
    objects[name] = {asked.body, metadata_of(asked)};
    response.set_header("ETag", "\"" + hex_of(raw_md5(asked.body)) + "\"");
  }

  void post(const Asked& asked, const std::string& name, httplib::Response& response) {
    if (asked.parameter("uploads")) {
      const std::string id = random_name();
      uploads[id] = {name, metadata_of(asked), {}};
      return response.set_content("<R><UploadId>" + id + "</UploadId></R>", "application/xml");
    }
    const auto upload = uploads.find(asked.parameter("uploadId").value_or(""));
    if (upload == uploads.end()) return fail(response, 404, "NoSuchUpload");
    if (asked.header("If-None-Match") == "*" && objects.contains(name)) {
      return fail(response, 412, "PreconditionFailed");
    }
    Object whole{"", upload->second.metadata};
    const auto parts = xml_elements(asked.body, "Part");
    for (const std::string_view part : parts) {
      const std::string& bytes = upload->second.parts[std::stoi(xml_field(part, "PartNumber"))];
      if (xml_field(part, "ETag") != "\"" + hex_of(raw_md5(bytes)) + "\"") {
        return fail(response, 400, "InvalidPart");
      }
      whole.bytes += bytes;
    }
    objects[name] = std::move(whole);
    uploads.erase(upload);
    response.set_content("<R><ETag>\"x-1\"</ETag></R>", "application/xml");
  }
};

S3Server::S3Server(std::string bucket, AwsCredentials keys, std::optional<CertificateFiles> tls)
    : state_(std::make_unique<State>()) {
  state_->bucket = std::move(bucket);
  state_->keys = std::move(keys);
  state_->tls = tls.has_value();
  if (tls) {
    state_->server =
        std::make_unique<httplib::SSLServer>(tls->cert_file.c_str(), tls->key_file.c_str());
  } else {
    state_->server = std::make_unique<httplib::Server>();
  }
  const auto handler = [this](const httplib::Request& request, httplib::Response& response) {
    state_->handle(request, response);
  };
  state_->server->Get(".*", handler).Put(".*", handler).Post(".*", handler).Delete(".*", handler);
  state_->server->set_keep_alive_max_count(1000);
  state_->port = state_->server->bind_to_any_port("127.0.0.1");
  state_->thread = std::thread([this] { state_->server->listen_after_bind(); });
  while (!state_->server->is_running()) std::this_thread::yield();
}

S3Server::~S3Server() {
  release();
  state_->server->stop();
  state_->thread.join();
}

std::string S3Server::endpoint() const {
  return (state_->tls ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(state_->port);
}

std::optional<std::string> S3Server::object(const std::string& name) const {
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->objects.find(name);
  return found == state_->objects.end() ? std::nullopt : std::optional(found->second.bytes);
}

void S3Server::put_object(const std::string& name, std::string bytes) {
  const std::lock_guard lock(state_->mutex);
  state_->objects[name] = {std::move(bytes), {}};
}

std::size_t S3Server::unfinished_uploads() const {
  const std::lock_guard lock(state_->mutex);
  return state_->uploads.size();
}

void S3Server::hold() {
  const std::lock_guard lock(state_->mutex);
  state_->held = true;
}

void S3Server::release() {
  const std::lock_guard lock(state_->mutex);
  state_->held = false;
  state_->released.notify_all();
}

}  // namespace albicilla::tests
