// The store contract, and an uploader that is killed again and again, against a real server.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <random>
#include <thread>

#include "common/base/id128.h"
#include "sink/store/uploader.h"
#include "tests/clients/stores/store_environment.h"
#include "tests/support/stores/certificate.h"
#include "tests/support/stores/store_contract.h"

namespace albicilla::tests {
namespace {

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
  auto store =
      make_store(from_environment("STORE"), store_settings_of_environment(), {disk, pacer, clock});
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
  const auto under_test = store_of_environment();
  for (const auto& [name, bytes] : wanted) {
    EXPECT_TRUE(under_test->bytes(name) == bytes) << name;
    EXPECT_EQ(bytes_of_file(folder + "/" + std::filesystem::path(name).filename().string()).size(),
              bytes.size());
  }
}

INSTANTIATE_TEST_SUITE_P(Real, StoreContract,
                         testing::Values(StoreMaker{"server", store_of_environment}), maker_name);

}  // namespace
}  // namespace albicilla::tests

int main(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == "--expired-certificate") {
    std::cout << albicilla::tests::make_certificate(argv[2], -7200, -3600).cert_file << "\n";
    return 0;
  }
  if (argc == 5 && std::string_view(argv[1]) == "--upload") {
    return albicilla::tests::upload_everything(argv[2], argv[3], argv[4]);
  }
  if (std::getenv("STORE") == nullptr) {
    std::cerr << "real_store_test: no STORE in the environment; azurite.sh and ceph.sh set it\n";
    return 2;
  }
  if (argc == 4 && std::string_view(argv[1]) == "--compare") {
    const auto stored = albicilla::tests::store_of_environment()->bytes(argv[2]);
    return stored && *stored == albicilla::tests::bytes_of_file(argv[3]) ? 0 : 1;
  }
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
