// HTTP as the object stores need it: one blocking request at a time over a kept connection, bodies
// streamed from files at the pace of a Pacer, small answers. cpp-httplib stays behind
// http_client.cc. The interface lets a test put faults between a store and its server.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/http/headers.h"
#include "sink/store/pacer.h"
#include "sink/store/source_file.h"

namespace albicilla {

// "https://host:9000/prefix" taken apart.
struct Endpoint {
  std::string scheme;  // "http" or "https"
  std::string host;    // name or address; IPv6 with its brackets
  std::uint16_t port = 0;
  std::string base_path;  // "" or "/prefix", without '/' at its end
  bool operator==(const Endpoint&) const = default;

  // As the Host header wants it: the port only when it is not the scheme's own.
  std::string authority() const;
};

Result<Endpoint> parse_endpoint(std::string_view url);

struct HttpRequest {
  std::string method;
  std::string target;  // encoded path and query
  Headers headers;     // with Host and Content-Type; Content-Length is added
  std::string body;    // used when there is no file
  const SourceFile* file = nullptr;
  std::uint64_t file_offset = 0;
  std::uint64_t file_size = 0;
};

struct HttpReply {
  int status = 0;
  Headers headers;
  std::string body;  // at most 1 MiB
};

// An answer of any status is a reply; an Error is a transport that failed: fault `ours` when only a
// person can mend it (a certificate that does not verify), else `upstream`.
class HttpTransport {
 public:
  virtual ~HttpTransport() = default;
  virtual Result<HttpReply> send(const HttpRequest& request) = 0;
  // Makes the request under way fail soon, from any thread.
  virtual void interrupt() {}
};

class HttpClient final : public HttpTransport {
 public:
  struct Options {
    Endpoint endpoint;
    std::string ca_file;  // extra trust instead of the system's; certificates are always checked
    std::chrono::seconds connect_timeout{10};
    std::chrono::seconds io_timeout{60};
  };
  // `pacer` must outlive the client.
  HttpClient(Options options, Pacer& pacer);
  ~HttpClient() override;
  Result<HttpReply> send(const HttpRequest& request) override;
  void interrupt() override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace albicilla
