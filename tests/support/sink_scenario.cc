#include "tests/support/sink_scenario.h"

#include <gtest/gtest.h>

namespace albicilla::tests {

std::map<std::string, std::string> log_files(const MemoryDisk& disk) {
  std::map<std::string, std::string> files;
  for (const std::string& path : disk.paths()) {
    if (path.ends_with(".jsonl")) files[path.substr(5)] = disk.content(path);
  }
  return files;
}

bool run_scenario(SinkRoot& root, MemoryDisk& disk) {
  const auto lives = [&](const Status& status) {
    EXPECT_TRUE(status || disk.dead()) << status.error().message;
    return status.ok();
  };
  if (!lives(root.start())) return false;
  for (std::uint64_t seq = 1; seq <= 12; ++seq) {
    for (std::uint8_t producer = 1; producer <= 3; ++producer) {
      if (!lives(root.take(producer, seq, "s" + std::to_string(seq % 4)))) return false;
    }
    if (seq % 2 == 0 && !lives(root.commit())) return false;
    if (seq % 3 == 0 && !lives(root.write_lines())) return false;
    if (seq % 6 == 0 &&
        (!lives(root.commit()) || !lives(root.write_lines()) || !lives(root.checkpoint()))) {
      return false;
    }
    if (seq == 8 && !lives(root.start())) return false;
  }
  return true;
}

void check_promise(SinkRoot& root, const MemoryDisk& disk) {
  std::map<std::string, std::size_t> written;
  for (const auto& [file, content] : log_files(disk)) {
    EXPECT_EQ(chain_faults(file, content), std::vector<std::string>{});
    std::size_t at = 0;
    while ((at = content.find("\"producer\":\"", at)) != std::string::npos) {
      ++written[content.substr(at, content.find(",\"status", at) - at)];
      ++at;
    }
  }
  std::size_t accepted_records = 0;
  for (const auto& [producer, promised] : root.promised()) {
    const Seq accepted = root.state().producers.accepted(producer);
    EXPECT_GE(accepted, promised);
    accepted_records += accepted.value;
    for (std::uint64_t seq = 1; seq <= accepted.value; ++seq) {
      const std::string marker =
          "\"producer\":\"" + hex_text(producer.bytes) + "\",\"seq\":" + std::to_string(seq);
      EXPECT_EQ(written[marker], 1U) << marker;
    }
  }
  std::size_t total = 0;
  for (const auto& [marker, count] : written) total += count;
  EXPECT_TRUE(root.promised().empty() || total == accepted_records);
}

}  // namespace albicilla::tests
