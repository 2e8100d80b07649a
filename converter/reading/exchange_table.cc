#include "converter/reading/exchange_table.h"

#include <algorithm>
#include <array>
#include <utility>

#include "converter/reading/exchange_facts.h"

namespace albicilla {

namespace {

// Members that are large and come with every request.
constexpr std::array<std::string_view, 5> kRepeated = {"tools", "system", "instructions",
                                                       "functions", "response_format"};

// Members that are told elsewhere or say nothing about the answer.
constexpr std::array<std::string_view, 14> kNoParameters = {
    "tools",  "system",   "instructions",         "functions",    "input",
    "prompt", "metadata", "previous_response_id", "conversation", "thread",
    "user",   "stream",   "stream_options",       "store"};

bool is_parameter(const RawString& name) {
  return std::none_of(kNoParameters.begin(), kNoParameters.end(),
                      [&name](std::string_view other) { return name.is(other); });
}

// The place in kRepeated of a member; its size for all others.
std::size_t repeated_place(const RawString& name) {
  const auto found = std::find_if(kRepeated.begin(), kRepeated.end(),
                                  [&name](std::string_view one) { return name.is(one); });
  return static_cast<std::size_t>(found - kRepeated.begin());
}

Shape shape_of(Api api) {
  if (api == Api::anthropic) return Shape::anthropic_message;
  return api == Api::responses ? Shape::responses_item : Shape::chat_message;
}

std::string_view string_member(std::string_view object, std::string_view name) {
  JsonCursor cursor(object);
  RawString key;
  RawString text;
  if (cursor.kind() == JsonKind::string && name.empty()) {
    return cursor.string(text) ? text.body : std::string_view{};
  }
  if (cursor.kind() != JsonKind::object || !cursor.begin_object()) return {};
  while (cursor.next_member(key)) {
    if (key.is(name) && cursor.kind() == JsonKind::string && cursor.string(text)) return text.body;
    if (!cursor.skip()) return {};
  }
  return {};
}

std::uint64_t id_number(std::string_view id) {
  RawString text;
  text.body = id;
  return id_hash(text);
}

void add_parameter(std::string& out, std::string_view name, std::string_view value) {
  if (value.empty() || value == "null") return;
  out += out.size() > 1 ? ", \"" : "\"";
  out += name;
  out += "\": ";
  out += value;
}

}  // namespace

ExchangeTable::ExchangeTable(std::size_t memory_budget, const std::filesystem::path& folder,
                             Keep keep)
    : keep_(keep), store_(memory_budget, folder), lanes_(store_, trie_) {}

void ExchangeTable::clear() {
  store_.clear();
  lanes_.clear();
  clear_sessions();
}

void ExchangeTable::clear_sessions() {
  if (store_.is_large()) {
    store_.clear();
    lanes_.clear();
  } else {
    lanes_.clear_lanes();
  }
  trie_.clear();
  exchanges_.clear();
  answers_.clear();
  pieces_.clear();
  messages_.clear();
  sessions_.clear();
  trie_sessions_.clear();
  another_session_ = false;
  skipped_.clear();
  size_before_ = store_.size();
}

void ExchangeTable::begin_session() {
  lanes_.clear_lanes();
  trie_.begin_session();
  another_session_ = true;
}

bool ExchangeTable::has_room() const {
  constexpr std::size_t kMostSessions = 16;
  constexpr std::uint64_t kMostBytes = std::uint64_t{64} << 10;
  return sessions_.size() < kMostSessions && store_.size() - size_before_ < kMostBytes;
}

void ExchangeTable::skip(const LogEntry& entry) {
  std::string kind = "no conversation";
  if (entry.exchange) {
    kind = entry.exchange->path.empty() ? entry.exchange->dialect : entry.exchange->path;
  }
  const auto same = std::find_if(skipped_.begin(), skipped_.end(),
                                 [&kind](const Skipped& known) { return known.kind == kind; });
  if (same == skipped_.end()) {
    skipped_.push_back({kind, 1});
  } else {
    ++same->count;
  }
}

Status ExchangeTable::add(const LogEntry& entry, const LineOrigin& origin) {
  const std::string_view dialect = entry.exchange ? entry.exchange->dialect : "";
  const std::string_view path = entry.exchange ? entry.exchange->path : "";
  Exchange exchange;
  exchange.api = entry.request.kind == JsonKind::object
                     ? api_of(dialect, path, entry.request, entry.response)
                     : Api::none;
  if (exchange.api == Api::none) {
    skip(entry);
    return {};
  }
  exchange.started_at = entry.started_at();
  exchange.closed_at = entry.timestamp;
  exchange.seq = entry.exchange ? entry.exchange->seq : 0;
  exchange.status = entry.exchange ? entry.exchange->status : 0;
  exchange.origin = origin;
  if (auto status = add_conversation(entry, exchange); !status) return status;
  exchange.session = session_number(entry.session_id);
  by_session_[exchange.session].push_back(static_cast<std::uint32_t>(exchanges_.size()));
  exchanges_.push_back(exchange);
  return {};
}

std::uint32_t ExchangeTable::session_number(const std::string& id) {
  const auto next = static_cast<std::uint32_t>(sessions_.size());
  // Few sessions are here at a time, and mostly it is the last one.
  if (!std::exchange(another_session_, false)) {
    for (std::uint32_t number = next; number-- > 0;) {
      if (sessions_[number] == id) return number;
    }
  }
  sessions_.push_back(id);
  trie_sessions_.push_back(trie_.session());
  if (by_session_.size() == next) by_session_.emplace_back();
  by_session_[next].clear();
  return next;
}

Status ExchangeTable::store_messages(const LogEntry& entry, Api api) {
  numbers_.clear();
  const auto store = [&](Shape shape, std::string_view raw) -> Status {
    auto number = store_.add(shape, raw, entry.known);
    if (!number) return number.error();
    numbers_.push_back(*number);
    return {};
  };
  const std::string_view single = entry.request.field(api == Api::completions ? "prompt" : "input");
  if (entry.request.list_name.empty() && !single.empty()) return store(Shape::user_text, single);
  const Shape shape = shape_of(api);
  for (const SlicedElement& element : entry.request.elements) {
    const bool is_known =
        element.known != LikelyTexts::kUnknown && store_.message(element.known).shape == shape;
    if (is_known) {
      numbers_.push_back(element.known);
    } else if (auto status = store(shape, element.value); !status) {
      return status;
    }
  }
  return {};
}

Status ExchangeTable::add_conversation(const LogEntry& entry, Exchange& exchange) {
  if (auto status = store_messages(entry, exchange.api); !status) return status;
  for (const std::uint32_t number : numbers_) {
    if (store_.message(number).valid) continue;
    return client_error(std::string(store_.error(number)));
  }
  add_ids(entry, exchange);
  exchange.message_count = static_cast<std::uint32_t>(numbers_.size());
  if (keep_ == Keep::messages) {
    exchange.first_message = static_cast<std::uint32_t>(messages_.size());
    messages_.insert(messages_.end(), numbers_.begin(), numbers_.end());
  }
  std::uint32_t shared = 0;
  Lanes::Lane& lane = lanes_.lane_for(exchange.api, numbers_, shared);
  for (std::uint32_t i = shared; i < numbers_.size(); ++i) {
    const StoredMessage& message = store_.message(numbers_[i]);
    for (std::uint32_t item = 0; item < message.item_count; ++item) {
      if (auto status = lane.path.add(message.first_item + item, i); !status) return status;
    }
  }
  auto last = lane.path.finish();
  if (!last) return last.error();
  exchange.request = *last;
  if (exchange.goes_on_elsewhere()) {
    exchange.first_piece = static_cast<std::uint32_t>(pieces_.size());
    for (const std::uint32_t number : numbers_) {
      const StoredMessage& message = store_.message(number);
      for (std::uint32_t i = 0; i < message.item_count; ++i) {
        pieces_.push_back(message.first_item + i);
      }
    }
    exchange.piece_count = static_cast<std::uint32_t>(pieces_.size()) - exchange.first_piece;
  }
  if (auto status = add_system(entry, lane.path, exchange); !status) return status;
  slice_answer(exchange.api, entry.response, entry.known, answer_);
  if (entry.succeeded()) {
    if (auto status = add_answers(answer_, entry.known, lane.path, exchange); !status)
      return status;
  }
  return add_texts(entry, answer_, exchange);
}

Status ExchangeTable::add_system(const LogEntry& entry, const PathBuilder& path,
                                 Exchange& exchange) {
  NodeId last = kSystemRootNode;
  const auto append = [&](std::uint32_t item) {
    TrieNode node;
    node.parent = last;
    node.role = Role::system;
    node.item = store_.key(item).text;
    last = trie_.intern(node, std::span(&item, 1));
  };
  for (const std::string_view name : {"system", "instructions"}) {
    const std::string_view raw = entry.request.field(name);
    if (raw.empty()) continue;
    auto number = store_.add(Shape::system_text, raw, entry.known);
    if (!number) return number.error();
    const StoredMessage& message = store_.message(*number);
    for (std::uint32_t i = 0; i < message.item_count; ++i) append(message.first_item + i);
  }
  path.each_system_item(append);
  exchange.system = last;
  return {};
}

Status ExchangeTable::add_answers(const AnswerSlices& slices, const KnownText& known,
                                  PathBuilder& path, Exchange& exchange) {
  exchange.first_answer = static_cast<std::uint32_t>(answers_.size());
  if (slices.failed) return {};
  const bool is_referred_to = exchange.api == Api::responses || exchange.api == Api::anthropic;
  if (is_referred_to) exchange.response_id = id_number(slices.id);
  for (const Choice& choice : slices.choices) {
    items_.clear();
    std::uint32_t first_message = kNoText;
    for (std::size_t place = choice.first; place < choice.last; ++place) {
      const std::string_view raw = slices.messages[place];
      auto number = store_.add(choice.shape, raw, known);
      if (!number) return number.error();
      first_message = std::min(first_message, *number);
      const StoredMessage& message = store_.message(*number);
      for (std::uint32_t i = 0; i < message.item_count; ++i) {
        items_.push_back(message.first_item + i);
      }
    }
    auto node = path.finish_with(items_);
    if (!node) return node.error();
    const bool said_something = *node != exchange.request;
    if (choice.outcome == Outcome::failed || !said_something) continue;
    Answer answer{*node, choice.outcome, static_cast<std::uint32_t>(pieces_.size()), 0,
                  first_message};
    if (exchange.goes_on_elsewhere() || keep_ == Keep::messages) {
      pieces_.insert(pieces_.end(), items_.begin(), items_.end());
    }
    answer.piece_count = static_cast<std::uint32_t>(pieces_.size()) - answer.first_piece;
    answers_.push_back(answer);
    exchange.answered = exchange.answered || choice.outcome == Outcome::whole;
  }
  exchange.answer_count = static_cast<std::uint32_t>(answers_.size()) - exchange.first_answer;
  return {};
}

void ExchangeTable::add_ids(const LogEntry& entry, Exchange& exchange) {
  const RequestSlices& request = entry.request;
  if (exchange.api == Api::responses) {
    exchange.previous_id = id_number(string_member(request.field("previous_response_id"), ""));
    const std::string_view conversation = request.field("conversation");
    exchange.conversation_id =
        id_number(string_member(conversation, conversation.starts_with('{') ? "id" : ""));
  }
  if (exchange.api == Api::anthropic) {
    exchange.previous_id = id_number(string_member(request.field("thread"), "previous_message_id"));
  }
}

Status ExchangeTable::add_texts(const LogEntry& entry, const AnswerSlices& slices,
                                Exchange& exchange) {
  std::array<const SlicedField*, kRepeated.size() + 1> repeated{};  // and those that are not
  scratch_ = "{";
  for (const SlicedField& field : entry.request.fields) {
    repeated[repeated_place(field.name)] = &field;
    if (is_parameter(field.name)) add_parameter(scratch_, field.name.body, field.value);
  }
  scratch_.push_back('}');
  for (std::size_t place = 0; place < kRepeated.size(); ++place) {
    const SlicedField* const field = repeated[place];
    if (field == nullptr || field->value == "null") continue;
    const std::string_view name = kRepeated[place];
    std::uint32_t number = field->known;
    if (number == LikelyTexts::kUnknown) {
      auto stored = store_.add_text(field->value);
      if (!stored) return stored.error();
      number = *stored;
    }
    lanes_.remember_field(name, number);
    if (name == "tools" || (name == "functions" && exchange.tools == kNoText)) {
      exchange.tools = number;
    }
  }
  auto parameters = store_.add_text(scratch_);
  if (!parameters) return parameters.error();
  exchange.parameters = *parameters;

  auto facts = store_.add_own_text(facts_text(entry, slices));
  if (!facts) return facts.error();
  exchange.facts = *facts;
  return {};
}

std::string_view ExchangeTable::facts_text(const LogEntry& entry, const AnswerSlices& slices) {
  ExchangeFacts facts;
  facts.usage = slices.usage;
  if (entry.exchange) {
    facts.id = entry.exchange->id;
    facts.model = entry.exchange->model;
    facts.user = entry.exchange->user_id;
    facts.client = entry.exchange->client_app;
    if (!entry.exchange->usage.empty()) facts.usage = entry.exchange->usage;
  } else if (slices.model.starts_with('"')) {
    facts.model = slices.model.substr(1, slices.model.size() - 2);
  }
  if (facts.usage == "null") facts.usage = {};
  write_facts(facts, scratch_);
  return scratch_;
}

}  // namespace albicilla
