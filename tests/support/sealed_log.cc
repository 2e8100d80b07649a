#include "tests/support/sealed_log.h"

#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>

#include "common/chain/hash_chain.h"
#include "common/chain/manifest.h"
#include "tests/support/sink_root.h"

namespace albicilla::tests {

namespace {

void must(const Status& status) {
  if (!status) ADD_FAILURE() << status.error().message;
}

void take(SinkRoot& sink, std::uint8_t producer, std::uint64_t seq, const std::string& session) {
  WireHeader header = record_header(producer, seq, session);
  header.naming.closed_at = sink.clock().wall();
  must(sink.take(header, record_piece(producer, seq)));
}

template <class T>
const T& one_of(const std::vector<T>& all, std::mt19937_64& random) {
  return all[random() % all.size()];
}

// A line that follows from `head`, as somebody who knows the rule would forge it.
std::string forge(ChainHead& head, std::string chained) {
  head = chain_next(head, sha256(chained));
  append_chain(chained, head);
  return chained;
}

}  // namespace

SealedLog::SealedLog() : root_(scratch_.path("logs")) {
  DiskFileSystem files;
  SinkRoot sink(files, root_);
  must(sink.start());
  std::uint64_t seq = 0;
  for (int day = 0; day < 3; ++day) {
    for (int group = 0; group < 4; ++group) {
      for (int i = 0; i < 12; ++i) {
        ++seq;
        take(sink, 1, seq, "s" + std::to_string(seq % 5));
        take(sink, 2, seq, "t" + std::to_string(seq % 3));
      }
      must(sink.finish_group());
      must(sink.checkpoint(group % 2 == 0 ? SinkRoot::Checkpoint::written
                                          : SinkRoot::Checkpoint::signed_only));
    }
    if (day == 2) break;
    const std::string over = utc_day(sink.clock().wall());
    sink.clock().set(sink.clock().wall() + std::chrono::hours(24));
    must(sink.seal_days(over));
  }
  witness_ = std::to_string(sink.last_checkpoint().number) + " " +
             hex_prefix(sink.last_checkpoint().hash, 64) + "\n";
}

SealedLog::SealedLog(const SealedLog& other)
    : root_(scratch_.path("logs")), witness_(other.witness_) {
  std::filesystem::copy(other.root_, root_, std::filesystem::copy_options::recursive);
}

std::vector<std::string> SealedLog::files(std::size_t least_lines) const {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root_)) {
    if (entry.path().extension() != ".jsonl") continue;
    const std::string file = entry.path().string().substr(root_.size() + 1);
    if (lines(file).size() >= least_lines) found.push_back(file);
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<std::string> SealedLog::lines(const std::string& file) const {
  const std::string content = bytes_of_file(path(file));
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < content.size();) {
    const std::size_t end = std::min(content.find('\n', at), content.size());
    lines.push_back(content.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

void SealedLog::put(const std::string& file, const std::vector<std::string>& lines) const {
  std::string content;
  for (const std::string& line : lines) content += line + "\n";
  write_whole_file(path(file), content);
}

Mutation mutate(const SealedLog& log, std::mt19937_64& random) {
  const std::vector<std::string> files = log.files(6);
  const std::string file = one_of(files, random);
  std::vector<std::string> lines = log.lines(file);
  const std::size_t at = random() % (lines.size() - 2);  // never one of the last two
  const auto place = file + " at " + std::to_string(at);
  switch (random() % 15) {
    case 0: {
      const std::size_t byte = random() % lines[at].size();
      lines[at][byte] = static_cast<char>(lines[at][byte] ^ (1 << (random() % 7)));
      if (lines[at][byte] == '\n') lines[at][byte] = '!';
      log.put(file, lines);
      return {"changed a bit of " + place, file, {FaultKind::edit}};
    }
    case 1:
      lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(at));
      log.put(file, lines);
      return {"deleted " + place, file, {FaultKind::delete_}};
    case 2: {
      const std::string copied = one_of(lines, random);
      lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(at), copied);
      log.put(file, lines);
      return {"inserted a copy in " + place, file, {FaultKind::insert}};
    }
    case 3: {
      std::swap(lines[at], lines[at + 1 + random() % (lines.size() - at - 1)]);
      log.put(file, lines);
      return {"swapped lines of " + place, file, {FaultKind::reorder}};
    }
    case 4:
      lines.resize(at + 1);
      log.put(file, lines);
      return {"truncated " + place, file, {FaultKind::truncate}};
    case 5:
      std::filesystem::remove(log.path(file));
      return {"removed " + file, file, {FaultKind::missing}};
    case 6:
      std::filesystem::rename(log.path(file), log.path(file.substr(0, 11) + "other.jsonl"));
      return {"renamed " + file, file, {FaultKind::missing}};
    case 7: {
      // Everything from there on is written anew, with a chain that holds.
      ChainHead head = chain_start(file);
      for (std::size_t i = 0; i < lines.size(); ++i) {
        std::string chained(split_chained_line(lines[i])->chained);
        if (i == at) chained.replace(chained.find("\"status\":200"), 12, "\"status\":500");
        lines[i] = forge(head, chained);
      }
      log.put(file, lines);
      return {"wrote anew " + place, file, {FaultKind::edit}};
    }
    case 8: {
      std::string foreign = file;
      while (foreign == file) foreign = one_of(files, random);
      lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(at) + 1,
                   one_of(log.lines(foreign), random));
      log.put(file, lines);
      return {"spliced a line of " + foreign + " into " + place, file, {FaultKind::insert}};
    }
    case 9:
      lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(at) + 1, "{\"forged\":true}");
      log.put(file, lines);
      return {"inserted a line without a chain in " + place, file, {FaultKind::insert}};
    case 10: {
      // The whole file of another session under this one's name.
      std::string foreign = file;
      while (foreign == file) foreign = one_of(files, random);
      std::filesystem::copy_file(log.path(foreign), log.path(file),
                                 std::filesystem::copy_options::overwrite_existing);
      return {"put " + foreign + " in place of " + file, file, {}};
    }
    default:
      break;
  }
  const std::string day = one_of<std::string>({"2026-01-13", "2026-01-14", "2026-01-15"}, random);
  const std::string manifest = day + "/.manifest";
  lines = log.lines(manifest);
  std::vector<std::size_t> checkpoints;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].starts_with("{\"checkpoint\":")) checkpoints.push_back(i);
  }
  const std::size_t chosen = one_of(checkpoints, random);
  const auto parsed = parse_manifest_line(lines[chosen]);
  switch (random() % 4) {
    case 0: {
      const SigningKey foreign = SigningKey::generate();
      auto checkpoint = std::get<SignedCheckpoint>(parsed->what);
      checkpoint.key = foreign.public_key();
      lines[chosen] = manifest_line(checkpoint, foreign);
      log.put(manifest, lines);
      return {"signed by a foreign key", manifest, {FaultKind::bad_signature}};
    }
    case 1: {
      const std::size_t byte = random() % lines[chosen].size();
      lines[chosen][byte] = lines[chosen][byte] == '7' ? '8' : '7';
      log.put(manifest, lines);
      return {"changed a checkpoint", manifest, {}};
    }
    case 2:
      lines.resize(checkpoints[checkpoints.size() - 2] + 1);
      log.put(manifest, lines);
      return {"replayed an older manifest of " + day, manifest, {}, true};
    default:
      for (std::string& line : lines) {
        if (!line.starts_with("{\"file\":")) continue;
        auto state = std::get<ManifestFile>(parse_manifest_line(line)->what);
        ++state.lines;
        line = manifest_line(state);
        break;
      }
      log.put(manifest, lines);
      return {"changed what a manifest says of a file", manifest, {FaultKind::edit}};
  }
}

Verification verify_log(const SealedLog& log, bool with_witness) {
  Verification result;
  LogCheckRequest request;
  request.root = log.root();
  const std::string anchors = log.root() + ".anchors";
  if (with_witness) {
    write_whole_file(anchors, log.witness());
    request.anchors = anchors;
  }
  const auto outcome = check_log(
      request, [&](const LogFault& fault) { result.faults.push_back(fault); },
      [](const LogCheckProgress&) {});
  if (!outcome) {
    ADD_FAILURE() << outcome.error().message;
    return result;
  }
  result.exit_code = outcome->exit_code();
  result.unsigned_lines = outcome->unsigned_lines;
  return result;
}

}  // namespace albicilla::tests
