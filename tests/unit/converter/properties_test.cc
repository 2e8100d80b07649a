// What holds for every conversion: the same bytes for any number of workers, packing and cut of the
// logs, no crash on torn input, and a run that goes on is equal to a whole one.
#include <zlib.h>
#include <zstd.h>

#include <random>

#include "common/base/digest.h"
#include "common/base/log.h"
#include "converter/reading/log_files.h"
#include "converter/state.h"
#include "tests/support/packed.h"
#include "tests/unit/converter/conversion.h"

namespace albicilla {
namespace {

namespace fs = std::filesystem;
using Files = std::map<std::string, std::string>;

std::string said(const std::string& role, const std::string& text) {
  return R"({"role":")" + role + R"(","content":")" + text + "\"}";
}

// Sessions of several turns with retries and forks, one line an exchange.
class Logs {
 public:
  explicit Logs(unsigned seed) : random_(seed) {}

  std::string session(const std::string& id, int turns) {
    std::string log;
    std::string history = said("user", word());
    for (int turn = 0; turn < turns; ++turn) {
      const std::string answer = said("assistant", word());
      if (random_() % 4 == 0) log += line(id, history, said("assistant", word()));
      log += line(id, history, answer);
      if (random_() % 6 == 0)
        log += line(id, history + "," + answer + "," + said("user", word()),
                    said("assistant", word()));
      history += "," + answer + "," + said("user", word());
    }
    return log;
  }

 private:
  std::string word() { return "w" + std::to_string(random_() % 100000) + " żółć\\n\\u00e9"; }

  std::string line(const std::string& id, const std::string& history, const std::string& answer) {
    const std::string second = std::to_string(10 + ++clock_ % 50);
    const std::string minute = std::to_string(10 + clock_ / 50);
    return R"({"timestamp":"2026-01-13T10:)" + minute + ":" + second +
           R"(.000000+00:00","session_id":")" + id + R"(","request":{"model":"m","messages":[)" +
           history + R"(]},"response":{"id":"r","choices":[{"index":0,"message":)" + answer +
           R"(,"finish_reason":"stop"}]}})" + "\n";
  }

  std::mt19937 random_;
  int clock_ = 0;
};

std::string packed_gzip(const std::string& text) {
  std::string packed(text.size() + 1000, '\0');
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

std::string unpacked_zstd(const std::string& packed) {
  std::string text(1U << 22, '\0');
  text.resize(ZSTD_decompress(text.data(), text.size(), packed.data(), packed.size()));
  return text;
}

class Properties : public Conversion {
 protected:
  void SetUp() override {
    Conversion::SetUp();
    configure_log("test", LogLevel::error);  // thousands of runs warn of what they are fed
    choose("openai");
    Logs logs(7);
    for (int i = 0; i < 12; ++i) {
      const std::string id = "s" + std::to_string(i);
      sessions_[id] = logs.session(id, 1 + i % 5);
      write_log("2026-01-13/" + id + ".jsonl", sessions_[id]);
    }
  }

  std::map<std::string, std::string> sessions_;
};

TEST_F(Properties, WritesTheSameBytesForAnyNumberOfWorkers) {
  const Files alone = files();
  EXPECT_GT(alone.at("conversations.jsonl").size(), 1000U);
  for (const std::size_t jobs : {2, 3, 8, 40}) {
    options_.jobs = jobs;
    EXPECT_EQ(files(), alone) << jobs;
  }
}

TEST_F(Properties, WritesTheSameBytesFromPackedLogs) {
  const Files plain = files();
  for (const auto& [id, log] : sessions_) {
    const fs::path path = options_.logs / "2026-01-13" / (id + ".jsonl");
    fs::remove(path);
    const bool zstd = id.back() % 2 == 0;
    write_log("2026-01-13/" + id + (zstd ? ".jsonl.zst" : ".jsonl.gz"),
              zstd ? tests::packed_zstd(log) : packed_gzip(log));
  }
  EXPECT_EQ(files(), plain);
}

// A session over midnight is two files, and its lines may stand in any order.
TEST_F(Properties, WritesTheSameConversationsHoweverTheLinesAreSpread) {
  const std::string whole = files().at("conversations.jsonl");
  for (const auto& [id, log] : sessions_) {
    const std::size_t cut = log.find('\n', log.size() / 2) + 1;
    write_log("2026-01-13/" + id + ".jsonl", log.substr(0, cut));
    write_log("2026-01-14/" + id + ".jsonl", log.substr(cut));
  }
  EXPECT_EQ(files().at("conversations.jsonl"), whole);
}

TEST_F(Properties, PacksWhatItWrites) {
  const Files plain = files();
  options_.compression = Compression::zstd;
  const Files packed = files();
  EXPECT_EQ(unpacked_zstd(packed.at("conversations.jsonl.zst")), plain.at("conversations.jsonl"));
  EXPECT_EQ(unpacked_zstd(packed.at("conversations.meta.jsonl.zst")),
            plain.at("conversations.meta.jsonl"));
}

TEST_F(Properties, GoesOnFromItsStateAndEqualsARunWithoutOne) {
  const Files whole = files();
  options_.state = root_ / "state";
  options_.fingerprint = "x";
  EXPECT_EQ(files(), whole);
  EXPECT_EQ(files(), whole);  // all from the state
  Logs more(8);
  write_log("2026-01-14/s3.jsonl", more.session("s3", 2));
  const Files grown = files();
  options_.state.clear();
  EXPECT_EQ(grown, files());
  EXPECT_NE(grown, whole);
}

TEST_F(Properties, TakesNothingFromAStateThatIsDamagedOrOfOtherOptions) {
  options_.state = root_ / "state";
  options_.fingerprint = "x";
  const Files whole = files();
  for (const auto& entry : fs::directory_iterator(options_.state)) {
    std::string bytes = bytes_of(entry.path());
    bytes[bytes.size() - 5] = static_cast<char>(bytes[bytes.size() - 5] ^ 1);
    std::ofstream(entry.path(), std::ios::binary) << bytes;
  }
  EXPECT_EQ(files(), whole);
  options_.fingerprint = "y";
  options_.filter.min_turns = 3;
  EXPECT_NE(files(), whole);
}

// What a log grows by while it is read is for the next run, whether this one saw it or not.
TEST_F(Properties, TakesNothingFromAStateOfALogThatGrewWhileItWasRead) {
  class NoRows final : public RowSink {
    Status take(const Row&) override { return {}; }
  };
  NoRows rows;
  Tally tally;
  const auto logs = find_log_files(options_.logs);
  ASSERT_TRUE(logs);
  const RunState state(root_ / "state", "x");
  for (const bool grows : {false, true}) {
    auto kept = state.keep(*logs, {0}, rows);
    ASSERT_TRUE(kept);
    if (grows) std::ofstream((*logs)[0].path, std::ios::app) << "{}\n";
    ASSERT_TRUE((*kept)->take(Row{}));
    ASSERT_TRUE((*kept)->finish(tally));
    EXPECT_EQ(*state.replay(*logs, {0}, rows, tally), !grows);
  }
}

// A log that is being written ends anywhere. What is whole in it counts; a run that goes on from
// there is equal to one over the whole log.
TEST_F(Properties, StandsALogThatIsCutAtAnyByteAndGoesOnBehindIt) {
  fs::remove_all(options_.logs);
  Logs logs(3);
  const std::string log = logs.session("a", 2);
  write_log("a.jsonl", log);
  options_.meta = MetaPlace::none;
  options_.state = root_ / "state";
  const Files whole = files();
  for (std::size_t size = 0; size < log.size(); ++size) {
    write_log("a.jsonl", log.substr(0, size));
    const Files part = files();
    const bool torn = size > 0 && log[size - 1] != '\n' && log[size] != '\n';
    ASSERT_EQ(part.at("rejects.jsonl").empty(), !torn) << size;
    if (size % 100 != 0) continue;
    write_log("a.jsonl", log);
    ASSERT_EQ(files(), whole) << size;
  }
}

TEST_F(Properties, StandsAPackedLogThatIsCutAtAnyByte) {
  fs::remove_all(options_.logs);
  Logs logs(3);
  const std::string packed = tests::packed_zstd(logs.session("a", 1));
  for (std::size_t size = 0; size < packed.size(); ++size) {
    write_log("a.jsonl.zst", packed.substr(0, size));
    std::ostringstream out;
    const int code = convert(options_, out);
    ASSERT_EQ(code, size == 0 ? kExitOk : kExitInput) << size;
  }
}

TEST_F(Properties, LeavesNothingHalfWrittenBehind) {
  const Files before = files();
  options_.filter.sessions = {"s1"};
  const fs::path blocked = options_.output / "rejects.jsonl.part";
  fs::create_directories(blocked);  // a file cannot be made there
  std::ostringstream out;
  EXPECT_EQ(convert(options_, out), kExitOutput);
  fs::remove(blocked);
  for (const auto& [name, content] : tree_of(options_.output)) {
    EXPECT_FALSE(name.ends_with(".part")) << name;
  }
  EXPECT_EQ(written("rejects.jsonl"), before.at("rejects.jsonl"));
}

TEST_F(Properties, ADryRunSaysWhatARunWouldAndWritesNothing) {
  const std::string rows = run();
  fs::remove_all(options_.output);
  options_.dry_run = true;
  const std::string dry = run();
  EXPECT_EQ("Would write" + rows.substr(5), dry.substr(0, rows.size() + 6));
  EXPECT_TRUE(tree_of(options_.output).empty());
}

TEST_F(Properties, KeepsAllRowsOfASessionInOnePartOfASplit) {
  const Files whole = files();
  options_.split = *parse_split("train=0.5,val=0.25,test=0.25");
  const Files parts = files();
  std::map<std::string, std::string> part_of_session;
  std::size_t rows = 0;
  for (const std::string part : {"train", "val", "test"}) {
    if (!parts.contains(part + ".meta.jsonl")) continue;
    std::istringstream lines(parts.at(part + ".meta.jsonl"));
    for (std::string line; std::getline(lines, line); ++rows) {
      const std::size_t at = line.find(R"("session":")") + 11;
      const std::string session = line.substr(at, line.find('"', at) - at);
      EXPECT_EQ(part_of_session.emplace(session, part).first->second, part);
    }
  }
  const std::string& all = whole.at("conversations.meta.jsonl");
  EXPECT_EQ(rows, static_cast<std::size_t>(std::count(all.begin(), all.end(), '\n')));
  EXPECT_GT(parts.size(), 4U);  // more than one part got rows
}

TEST_F(Properties, NamesAllInputsAndOutputsInTheManifest) {
  options_.manifest = true;
  const std::string manifest = files().at("manifest.json");
  for (const auto& [id, log] : sessions_) {
    EXPECT_NE(
        manifest.find(R"("name":"2026-01-13/)" + id + R"(.jsonl","bytes":)" +
                      std::to_string(log.size()) + R"(,"sha256":")" + hex_prefix(sha256(log), 64)),
        std::string::npos)
        << id;
  }
  EXPECT_NE(manifest.find(hex_prefix(sha256(written("conversations.jsonl")), 64)),
            std::string::npos);
}

TEST_F(Properties, ReportsTheSameWhateverTheWorkers) {
  options_.report = true;
  const Files alone = files();
  options_.jobs = 4;
  options_.state = root_ / "state";
  EXPECT_EQ(files(), alone);
  EXPECT_EQ(files(), alone);
  EXPECT_NE(alone.at("report.json").find(R"("sessions":12)"), std::string::npos);
  EXPECT_TRUE(alone.at("tool-usage.csv").starts_with("date,scenario,session_count,"));
}

}  // namespace
}  // namespace albicilla
