// The store contract, and an uploader that is killed again and again, against a real server that
// the environment names: STORE (azure_blob or s3), STORE_ENDPOINT, STORE_ACCOUNT, STORE_KEY,
// STORE_ROOM (container or bucket). Run by azurite.sh and by tests/support/s3_server.sh.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <random>
#include <thread>

#include "common/base/base64.h"
#include "common/base/id128.h"
#include "sink/store/registry.h"
#include "sink/store/uploader.h"
#include "tests/support/stores/store_contract.h"
#include "tests/support/stores/store_makers.h"

namespace albicilla::tests {
namespace {

std::string from_environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

bool is_azure() { return from_environment("STORE") == "azure_blob"; }

StoreSettings settings() {
  if (is_azure()) {
    return {{"account", from_environment("STORE_ACCOUNT")},
            {"account_key", from_environment("STORE_KEY")},
            {"container", from_environment("STORE_ROOM")},
            {"endpoint", from_environment("STORE_ENDPOINT")}};
  }
  return {{"access_key", from_environment("STORE_ACCOUNT")},
          {"secret_key", from_environment("STORE_KEY")},
          {"bucket", from_environment("STORE_ROOM")},
          {"region", "us-east-1"},
          {"path_style", "true"},
          {"endpoint", from_environment("STORE_ENDPOINT")}};
}

std::unique_ptr<StoreUnderTest> make_under_test() {
  const Endpoint endpoint = *parse_endpoint(from_environment("STORE_ENDPOINT"));
  if (is_azure()) {
    AzureOptions options;
    options.endpoint = endpoint;
    options.account = {from_environment("STORE_ACCOUNT"),
                       from_base64(from_environment("STORE_KEY")).value_or("")};
    options.container = from_environment("STORE_ROOM");
    options.block_bytes = 5 * 1024 * 1024;
    return make_azure_under_test(options);
  }
  S3Options options;
  options.endpoint = endpoint;
  options.bucket = from_environment("STORE_ROOM");
  options.addressing = S3Addressing::path_style;
  options.credentials = {from_environment("STORE_ACCOUNT"), from_environment("STORE_KEY"), ""};
  options.part_bytes = 5 * 1024 * 1024;
  return make_s3_under_test(options);
}

// Files of a folder, sealed; named below a folder of this run.
class FolderSource final : public UploadSource {
 public:
  FolderSource(std::string root, std::string prefix)
      : root_(std::move(root)), prefix_(std::move(prefix)) {}
  Result<std::vector<UploadFile>> files() override {
    std::vector<UploadFile> found;
    for (const auto& entry : std::filesystem::directory_iterator(root_)) {
      const std::string name = prefix_ + "/" + entry.path().filename().string();
      found.push_back({entry.path().string(), name, UploadKind::whole});
    }
    return found;
  }

 private:
  std::string root_;
  std::string prefix_;
};

// What a child process does until it is done or killed. Returns its exit status.
int upload_everything(const std::string& folder, const std::string& prefix,
                      const std::string& ledger_path) {
  DiskFileSystem disk;
  const SystemClock clock;
  Pacer pacer(clock, 20'000'000);  // slow enough to be killed in the middle
  auto ledger = UploadLedger::open(disk, ledger_path);
  auto store = make_store(from_environment("STORE"), settings(), {disk, pacer, clock});
  if (!ledger || !store) return 2;
  FolderSource source(folder, prefix);
  Uploader uploader({**store, source, **ledger, disk, pacer},
                    {std::chrono::milliseconds(20), std::chrono::milliseconds(200),
                     std::chrono::milliseconds(600'000)});
  uploader.start();
  return uploader.wait_until_idle(std::chrono::minutes(2)) ? 0 : 1;
}

// The child is this program again: a fork of a process with threads would not do.
pid_t start_child(const std::string& folder, const std::string& prefix, const std::string& ledger) {
  const pid_t child = fork();
  if (child == 0) {
    execl("/proc/self/exe", "real_store_test", "--upload", folder.c_str(), prefix.c_str(),
          ledger.c_str(), static_cast<char*>(nullptr));
    _exit(3);
  }
  return child;
}

TEST(RealStore, GetsEveryByteOverManyKills) {
  const ScratchDirectory scratch;
  const std::string folder = scratch.path("logs");
  const std::string prefix = hex_text(random_bytes16());
  std::filesystem::create_directories(folder);
  std::mt19937 random(7);
  std::map<std::string, std::string> wanted;
  for (int i = 0; i < 40; ++i) {
    std::string bytes;
    const std::size_t size = random() % (i % 10 == 0 ? 9'000'000 : 200'000);
    while (bytes.size() < size) bytes += std::to_string(random()) + "\n";
    const std::string name = "session-" + std::to_string(i) + ".jsonl";
    write_whole_file(folder + "/" + name, bytes);
    wanted[prefix + "/" + name] = std::move(bytes);
  }
  for (int kill_number = 0; kill_number < 12; ++kill_number) {
    const pid_t child = start_child(folder, prefix, scratch.path("ledger"));
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 400));
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
  }
  const pid_t child = start_child(folder, prefix, scratch.path("ledger"));
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  ASSERT_EQ(WEXITSTATUS(status), 0);
  const auto under_test = make_under_test();
  for (const auto& [name, bytes] : wanted) {
    EXPECT_TRUE(under_test->bytes(name) == bytes) << name;
    EXPECT_EQ(bytes_of_file(folder + "/" + std::filesystem::path(name).filename().string()).size(),
              bytes.size());
  }
}

INSTANTIATE_TEST_SUITE_P(Real, StoreContract,
                         testing::Values(StoreMaker{"server", make_under_test}), maker_name);

}  // namespace
}  // namespace albicilla::tests

int main(int argc, char** argv) {
  if (argc == 5 && std::string_view(argv[1]) == "--upload") {
    return albicilla::tests::upload_everything(argv[2], argv[3], argv[4]);
  }
  if (std::getenv("STORE") == nullptr) {
    std::cerr << "real_store_test: no STORE in the environment; azurite.sh sets it\n";
    return 2;
  }
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
