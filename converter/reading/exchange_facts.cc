#include "converter/reading/exchange_facts.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace albicilla {

namespace {

constexpr std::array kMembers = {&ExchangeFacts::id, &ExchangeFacts::model, &ExchangeFacts::user,
                                 &ExchangeFacts::client, &ExchangeFacts::usage};
using Sizes = std::array<std::uint32_t, kMembers.size()>;

}  // namespace

// The sizes, then the texts.
void write_facts(const ExchangeFacts& facts, std::string& text) {
  Sizes sizes;
  for (std::size_t i = 0; i < kMembers.size(); ++i) {
    sizes[i] = static_cast<std::uint32_t>((facts.*kMembers[i]).size());
  }
  text.assign(reinterpret_cast<const char*>(sizes.data()), sizeof sizes);
  for (const auto member : kMembers) text += facts.*member;
}

ExchangeFacts read_facts(std::string_view text) {
  Sizes sizes;
  std::memcpy(sizes.data(), text.data(), sizeof sizes);
  text.remove_prefix(sizeof sizes);
  ExchangeFacts facts;
  for (std::size_t i = 0; i < kMembers.size(); ++i) {
    facts.*kMembers[i] = text.substr(0, sizes[i]);
    text.remove_prefix(sizes[i]);
  }
  return facts;
}

}  // namespace albicilla
