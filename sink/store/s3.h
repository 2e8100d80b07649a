// S3 and what speaks its language (MinIO, Ceph, R2 ...): Signature Version 4, Content-MD5,
// conditional puts, multipart for large files. Objects cannot be appended to.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "sink/store/http_client.h"
#include "sink/store/signature_v4.h"
#include "sink/store/store.h"

namespace albicilla {

// How a bucket is addressed: https://bucket.host/name, or https://host/bucket/name.
enum class S3Addressing { virtual_host, path_style };

struct S3Options {
  Endpoint endpoint;  // of the service, without the bucket
  std::string region = "us-east-1";
  std::string bucket;
  std::string prefix;  // in front of every name: "" or "logs/"
  S3Addressing addressing = S3Addressing::virtual_host;
  AwsCredentials credentials;
  std::uint64_t part_bytes = 16 * 1024 * 1024;  // above it a file goes up in parts of this size
};

// Where requests of these options go; for a virtual host the bucket's own name.
Endpoint s3_host(const S3Options& options);

class S3 final : public Store {
 public:
  // `clock` must outlive the store; `transport` leads to s3_host(options).
  S3(S3Options options, std::unique_ptr<HttpTransport> transport, const Clock& clock);

  std::string_view name() const override { return "s3"; }
  StoreAbilities abilities() const override { return {.appends = false, .reads_back = true}; }
  StoreAnswer put(const std::string& name, const SourceFile& file, PutMode mode) override;
  StoreAnswer append(const std::string& name, const SourceFile& file,
                     std::uint64_t position) override;
  StoreAnswer head(const std::string& name) override;
  StoreAnswer remove(const std::string& name) override;
  void interrupt() override { transport_->interrupt(); }

 private:
  struct Call;
  struct Whole;

  Result<HttpReply> send(const Call& call);
  StoreAnswer put_at_once(const Whole& whole);
  StoreAnswer put_in_parts(const Whole& whole);
  StoreAnswer put_parts(const Whole& whole, const std::string& upload_id);
  StoreAnswer complete(const Whole& whole, const std::string& upload_id,
                       const std::vector<std::string>& etags);
  void abort_stale_uploads(const std::string& name);
  void abort_upload(const std::string& name, const std::string& upload_id);

  S3Options options_;
  Endpoint host_;
  std::unique_ptr<HttpTransport> transport_;
  const Clock& clock_;
};

}  // namespace albicilla
