// The contract of tests/support/stores for the stores that need nothing but this machine.
#include "tests/support/stores/store_contract.h"

#include <filesystem>

#include "sink/store/local.h"
#include "tests/support/stores/s3_server.h"
#include "tests/support/stores/store_makers.h"

namespace albicilla::tests {
namespace {

constexpr std::uint64_t kPartBytes = 100'000;

class LocalUnderTest final : public StoreUnderTest {
 public:
  LocalUnderTest() : pacer_(clock_, 0), store_(scratch_.path("store"), disk_, pacer_) {}
  Store& store() override { return store_; }
  std::uint64_t part_bytes() const override { return kPartBytes; }
  std::optional<std::string> bytes(const std::string& name) override {
    const std::string path = scratch_.path("store/" + name);
    if (!std::filesystem::exists(path)) return std::nullopt;
    return bytes_of_file(path);
  }

 private:
  ScratchDirectory scratch_;
  DiskFileSystem disk_;
  SystemClock clock_;
  Pacer pacer_;
  LocalStore store_;
};

const AwsCredentials kKeys{"AKTEST", "SKTEST", ""};

// The S3 server of this process, and the store under test before it.
class OwnS3UnderTest final : public StoreUnderTest {
 public:
  OwnS3UnderTest() : server_("logs", kKeys) {
    S3Options options;
    options.endpoint = *parse_endpoint(server_.endpoint());
    options.bucket = "logs";
    options.prefix = "albicilla/";
    options.addressing = S3Addressing::path_style;
    options.credentials = kKeys;
    options.part_bytes = kPartBytes;
    inner_ = make_s3_under_test(options);
  }
  Store& store() override { return inner_->store(); }
  std::uint64_t part_bytes() const override { return kPartBytes; }
  FaultyTransport* transport() override { return inner_->transport(); }
  Store* with_wrong_key() override { return inner_->with_wrong_key(); }
  std::optional<std::string> bytes(const std::string& name) override {
    return server_.object("albicilla/" + name);
  }

 private:
  S3Server server_;
  std::unique_ptr<StoreUnderTest> inner_;
};

INSTANTIATE_TEST_SUITE_P(
    Stores, StoreContract,
    testing::Values(StoreMaker{"local", [] { return std::make_unique<LocalUnderTest>(); }},
                    StoreMaker{"s3", [] { return std::make_unique<OwnS3UnderTest>(); }}),
    maker_name);

}  // namespace
}  // namespace albicilla::tests
