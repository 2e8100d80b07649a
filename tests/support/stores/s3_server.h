// An S3 server in this process, as far as the store needs one: it checks signatures, Content-MD5
// and payload hashes, honours If-None-Match, and puts parts together. For what a real server does
// beyond that there is tests/support/s3_server.sh.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/http/headers.h"
#include "sink/store/signature_v4.h"
#include "tests/support/stores/certificate.h"

namespace albicilla::tests {

// Thread safe.
class S3Server {
 public:
  // With a certificate it speaks TLS.
  S3Server(std::string bucket, AwsCredentials keys,
           std::optional<CertificateFiles> tls = std::nullopt);
  ~S3Server();

  std::string endpoint() const;  // "http://127.0.0.1:port"
  std::optional<std::string> object(const std::string& name) const;
  void put_object(const std::string& name, std::string bytes);  // past the protocol
  std::size_t unfinished_uploads() const;
  // Every answer waits until release().
  void hold();
  void release();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace albicilla::tests
