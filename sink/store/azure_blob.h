// Azure Blob Storage with a Shared Key: sealed files go up whole (as block blobs, in blocks when
// they are large), open files as append blobs whose position condition makes a double append
// harmless. An emulator is reached by its endpoint (http://127.0.0.1:10000/account).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "sink/store/http_client.h"
#include "sink/store/shared_key.h"
#include "sink/store/store.h"

namespace albicilla {

struct AzureOptions {
  Endpoint endpoint;
  AzureAccount account;
  std::string container = "proxy-logs";
  std::string prefix;                            // in front of every name: "" or "logs/"
  std::uint64_t block_bytes = 16 * 1024 * 1024;  // above it a file goes up in blocks of this size
  std::uint64_t append_bytes = 4 * 1024 * 1024;  // most that one append carries
};

// https://<account>.blob.core.windows.net
Endpoint azure_public_endpoint(const std::string& account);

class AzureBlob final : public Store {
 public:
  // `clock` must outlive the store; `transport` leads to options.endpoint.
  AzureBlob(AzureOptions options, std::unique_ptr<HttpTransport> transport, const Clock& clock);

  std::string_view name() const override { return "azure_blob"; }
  StoreAbilities abilities() const override { return {.appends = true, .reads_back = true}; }
  // An append blob of ours under that name is the open file that was sealed since: it is replaced.
  StoreAnswer put(const std::string& name, const SourceFile& file, PutMode mode) override;
  StoreAnswer append(const std::string& name, const SourceFile& file,
                     std::uint64_t position) override;
  StoreAnswer head(const std::string& name) override;
  StoreAnswer remove(const std::string& name) override;
  void interrupt() override { transport_->interrupt(); }

 private:
  struct Call;
  struct Found;
  struct Whole;

  Result<HttpReply> send(const Call& call);
  // The same, once more after making the container when that was what it lacked.
  Result<HttpReply> send_or_make_container(const Call& call);
  Found look(const std::string& name);
  StoreAnswer put_at_once(const Whole& whole);
  StoreAnswer put_in_blocks(const Whole& whole);
  StoreAnswer commit_blocks(const Whole& whole, const std::vector<std::string>& block_ids);
  StoreAnswer create_append_blob(const std::string& name);
  StoreAnswer append_block(const std::string& name, const SourceFile& file, std::uint64_t position,
                           std::uint64_t size);

  AzureOptions options_;
  std::unique_ptr<HttpTransport> transport_;
  const Clock& clock_;
};

}  // namespace albicilla
