// A dataset format: how a conversation becomes a row, and which rows its readers accept. One file
// per format, one line in the registry; FORMATS.md shows a record of each.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "converter/format/row_text.h"
#include "converter/reading/conversation.h"

namespace albicilla {

// A turn that the client had done again: the same beginning, the answer it went on with and the one
// it left. Both conversations end in their answer.
struct ConversationPair {
  const Conversation* chosen = nullptr;
  const Conversation* rejected = nullptr;
};

enum class RowKind : std::uint8_t {
  conversation,
  preference,
};

// How rows are put into files.
enum class Container : std::uint8_t {
  lines,         // one row a line
  file_per_row,  // a row is a whole file of lines
  parquet,
};

// A sub-agent's conversation and the call that started it.
struct SubAgent {
  std::uint32_t turn = 0;  // of the parent
  std::uint32_t call = 0;
  const Conversation* conversation = nullptr;
  std::span<const SubAgent> children;
};

// Stateless; one object serves all threads.
class DatasetFormat {
 public:
  virtual ~DatasetFormat() = default;
  virtual std::string_view name() const = 0;
  virtual std::string_view summary() const = 0;  // one line of --help
  virtual RowKind kind() const { return RowKind::conversation; }
  virtual Container container() const { return Container::lines; }
  // Sub-agents become part of their parent's row instead of rows of their own.
  virtual bool nests_sub_agents() const { return false; }

  // Appends the row, without its newline. An error says why the conversation cannot be expressed.
  virtual Status append(const Conversation& conversation, std::span<const SubAgent> children,
                        RowOutput row) const;
  virtual Status append_pair(const ConversationPair& pair, RowOutput row) const;
  // The target's rules.
  virtual Status check(RowInput row) const = 0;

  // Files that the format's readers want beside the data: name and content, for data files with
  // these names.
  struct Companion {
    std::string name;
    std::string content;
  };
  virtual std::vector<Companion> companions(std::span<const std::string> data_files) const;
};

}  // namespace albicilla
