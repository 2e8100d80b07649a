#include "converter/format/dataset_format.h"

namespace albicilla {

Status DatasetFormat::append(const Conversation&, std::span<const SubAgent>, RowOutput) const {
  return our_error("this format has no rows of conversations");
}

Status DatasetFormat::append_pair(const ConversationPair&, RowOutput) const {
  return our_error("this format has no rows of preferences");
}

std::vector<DatasetFormat::Companion> DatasetFormat::companions(
    std::span<const std::string>) const {
  return {};
}

}  // namespace albicilla
