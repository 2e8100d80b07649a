#include "converter/viewer/reconstruction.h"

#include <algorithm>
#include <tuple>

#include "common/chain/tombstone.h"
#include "converter/reading/edges.h"
#include "converter/reading/log_entry.h"

namespace albicilla::viewer {
namespace {

constexpr std::size_t kMemoryBudget = std::size_t{64} << 20;  // for texts; more goes to a file
constexpr std::size_t kMostTroubles = 100;

}  // namespace

Reconstruction::Reconstruction(const SessionLines& lines, const std::filesystem::path& scratch)
    : table_(kMemoryBudget, scratch, ExchangeTable::Keep::paths), tree_(table_) {
  for (const SessionFile& file : lines.files) files_.push_back(file.name);
}

Result<std::unique_ptr<Reconstruction>> Reconstruction::make(const std::filesystem::path& root,
                                                             const SessionLines& lines,
                                                             const std::filesystem::path& scratch) {
  if (lines.bytes > kMostRebuiltBytes) {
    return client_error("the session has " + std::to_string(lines.bytes >> 20) +
                        " MiB of log, too much to be rebuilt for a page");
  }
  std::unique_ptr<Reconstruction> made(new Reconstruction(lines, scratch));
  if (Status status = made->read(root, lines); !status) return status.error();
  if (made->table_.sessions().empty()) return made;
  if (Status status = made->tree_.build(0); !status) return status.error();
  if (Status status = name_edges(made->tree_); !status) return status.error();
  made->cut_branches();
  made->note_places();
  return made;
}

Status Reconstruction::read(const std::filesystem::path& root, const SessionLines& lines) {
  EntryReader reader;
  const auto take = [&](std::size_t file, const SessionFile::Place& place,
                        std::string_view line) -> Status {
    const LineOrigin origin{static_cast<std::uint32_t>(file), place.line, place.offset};
    const auto refuse = [&](const Error& error) -> Status {
      if (error.fault == Fault::ours) return error;
      if (troubles_.size() < kMostTroubles) troubles_.push_back({ref_of(origin), error.message});
      return {};
    };
    if (is_tombstone(line)) return {};
    if (Status status = reader.begin(line); !status) return refuse(status.error());
    const auto entry = reader.finish(table_.likely());
    if (!entry) return refuse(entry.error());
    if (Status status = table_.add(**entry, origin); !status) return refuse(status.error());
    return {};
  };
  return read_session_lines(root, lines, take);
}

// A branch for each node that nothing follows, tree by tree; and for each node the longest of those
// that go through it.
void Reconstruction::cut_branches() {
  const std::vector<TreeNodeId> helpers = helper_roots(tree_);
  std::vector<std::uint32_t> depth(tree_.size(), 1);
  for (TreeNodeId id = 0; id < tree_.size(); ++id) {
    const TreeNode& node = tree_[id];
    if (node.parent != kNone) depth[id] = depth[node.parent] + 1;
    if (node.first_child != kNone) continue;
    Branch branch;
    branch.end = id;
    branch.depth = depth[id];
    branch.place = node.observed()              ? node.answered
                   : node.last_request != kNone ? node.last_request
                                                : node.exchange;
    branch.is_helper = std::binary_search(helpers.begin(), helpers.end(), node.root);
    branches_.push_back(std::move(branch));
  }
  std::stable_sort(branches_.begin(), branches_.end(), [this](const Branch& a, const Branch& b) {
    return std::tuple(tree_[a.end].root, a.end) < std::tuple(tree_[b.end].root, b.end);
  });
  std::vector<std::size_t> order(branches_.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  // The later of two that are as long: it is where the client went on.
  std::stable_sort(order.begin(), order.end(), [this](std::size_t a, std::size_t b) {
    return std::tuple(branches_[a].depth, branches_[a].place) >
           std::tuple(branches_[b].depth, branches_[b].place);
  });
  through_.assign(tree_.size(), branches_.size());
  for (const std::size_t branch : order) {
    for (TreeNodeId id = branches_[branch].end; id != kNone; id = tree_[id].parent) {
      if (through_[id] != branches_.size()) break;
      through_[id] = branch;
    }
  }
}

void Reconstruction::note_places() {
  for (Branch& branch : branches_) {
    branch.key = ref_of(branch.place);
    const auto answers = tree_.answers(tree_.places()[branch.place]);
    const auto found = std::find(answers.begin(), answers.end(), branch.end);
    const auto number = found - answers.begin();
    if (found != answers.end() && number > 0) branch.key += "~" + std::to_string(number + 1);
    by_key_.emplace(branch.key, static_cast<std::size_t>(&branch - branches_.data()));
  }
  for (std::uint32_t number = 0; number < tree_.places().size(); ++number) {
    const Place& place = tree_.places()[number];
    if (place.request == kNone) {
      if (troubles_.size() < kMostTroubles) {
        troubles_.push_back({ref_of(number), std::string(place.trouble)});
      }
      continue;
    }
    const TreeNodeId last = place.answer_count == 0 ? place.request : tree_.answers(place).front();
    by_key_.emplace(ref_of(number), through_[last]);
    if (place.edge == albicilla::Edge::retry) ++retries_[place.request];
    TreeNodeId first = place.request;
    while (tree_[first].exchange == number && tree_[first].parent != kNone &&
           tree_[tree_[first].parent].exchange == number) {
      first = tree_[first].parent;
    }
    const bool tells = place.edge != albicilla::Edge::start &&
                       place.edge != albicilla::Edge::continuation &&
                       place.edge != albicilla::Edge::retry;
    if (tells) edges_.emplace(first, number);
    if (place.call_node == kNone) continue;
    agents_[place.call_node].push_back({place.call, through_[tree_[place.request].root]});
  }
}

std::size_t Reconstruction::branch_of(const std::string& key) const {
  if (const auto found = by_key_.find(key); found != by_key_.end()) return found->second;
  std::size_t best = 0;
  for (std::size_t i = 1; i < branches_.size(); ++i) {
    const auto worth = [&](const Branch& branch) {
      const Place& root = tree_.places()[tree_[tree_[branch.end].root].exchange];
      return std::tuple(!branch.is_helper && root.edge != albicilla::Edge::sub_agent, branch.depth,
                        branch.place);
    };
    if (worth(branches_[i]) > worth(branches_[best])) best = i;
  }
  return best;
}

std::string Reconstruction::ref_of(const LineOrigin& origin) const {
  return files_[origin.file] + ":" + std::to_string(origin.number);
}

std::string Reconstruction::ref_of(std::uint32_t place) const {
  return ref_of(tree_.exchange_of(place).origin);
}

std::uint32_t Reconstruction::retries_at(TreeNodeId node) const {
  const auto found = retries_.find(node);
  return found == retries_.end() ? 0 : found->second;
}

std::uint32_t Reconstruction::edge_at(TreeNodeId node) const {
  const auto found = edges_.find(node);
  return found == edges_.end() ? kNone : found->second;
}

std::vector<Reconstruction::SubAgent> Reconstruction::agents_of(TreeNodeId node) const {
  const auto found = agents_.find(node);
  return found == agents_.end() ? std::vector<SubAgent>() : found->second;
}

std::vector<TreeNodeId> Reconstruction::alternatives(TreeNodeId node) const {
  std::vector<TreeNodeId> nodes;
  if (tree_[node].parent == kNone) return {node};
  for (TreeNodeId id = tree_[tree_[node].parent].first_child; id != kNone;
       id = tree_[id].next_sibling) {
    nodes.push_back(id);
  }
  std::sort(nodes.begin(), nodes.end());
  return nodes;
}

}  // namespace albicilla::viewer
