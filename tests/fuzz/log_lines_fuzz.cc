// Properties: any bytes can be a log; whatever is read from it becomes trees, and each conversation
// either cannot be expressed in a format, with a reason, or its row keeps the format's rules or
// names the one it breaks, whatever is remembered of the rows before it. Nothing fails with a fault
// of ours.
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string_view>

#include "converter/format/registry.h"
#include "converter/reading/conversation_maker.h"
#include "converter/reading/edges.h"
#include "converter/reading/log_entry.h"

namespace {

using namespace albicilla;

void expect(bool holds) {
  if (!holds) std::abort();
}

void expect_not_ours(const Status& status) {
  expect(status || status.error().fault != Fault::ours);
}

void read_lines(std::string_view log, ExchangeTable& table) {
  EntryReader entries;
  std::uint64_t number = 0;
  while (!log.empty()) {
    const std::string_view line = log.substr(0, log.find('\n'));
    log.remove_prefix(std::min(line.size() + 1, log.size()));
    ++number;
    if (!entries.begin(line)) {
      is_other_layout(line);
      continue;
    }
    const auto entry = entries.finish(table.likely());
    if (entry) expect_not_ours(table.add(**entry, {0, number, number}));
  }
}

using Memories = std::map<const DatasetFormat*, RowMemory>;

void write_all(const Conversation& conversation, Memories& memories) {
  for (const DatasetFormat* format : dataset_formats()) {
    if (format->kind() != RowKind::conversation) continue;
    std::string row;
    if (const auto status = format->append(conversation, {}, row); !status) {
      continue;  // the compatibility format makes no rows of conversations
    }
    const auto status = format->check(row);
    expect_not_ours(status);
    RowMemory& memory = memories[format];
    memory.strings.clear();
    std::string again;
    expect(format->append(conversation, {}, {again, memory}).ok());
    expect(again == row);
    const auto remembered = format->check({again, memory});
    expect(remembered.ok() == status.ok());
    expect(status.ok() || remembered.error().message == status.error().message);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view log(reinterpret_cast<const char*>(bytes), size);
  ExchangeTable table(1U << 20, std::filesystem::temp_directory_path(),
                      ExchangeTable::Keep::messages);
  read_lines(log, table);
  ConversationTree tree(table);
  Conversation conversation;
  Memories memories;
  for (std::uint32_t session = 0; session < table.sessions().size(); ++session) {
    expect_not_ours(tree.build(session));
    expect_not_ours(name_edges(tree));
    ConversationMaker maker(tree, table.sessions()[session]);
    for (const TreeNodeId leaf : tree.leaves()) {
      if (maker.make(View::trajectory, leaf, conversation)) write_all(conversation, memories);
    }
    for (std::uint32_t place = 0; place < tree.places().size(); ++place) {
      for (std::uint32_t i = 0; i < tree.exchange_of(place).answer_count; ++i) {
        if (maker.make_call(place, i, conversation)) write_all(conversation, memories);
      }
    }
  }
  for (const DatasetFormat* format : dataset_formats()) expect_not_ours(format->check(log));
  return 0;
}
