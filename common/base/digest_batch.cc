#include "common/base/digest_batch.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <numeric>
#include <vector>

#include "common/base/sha256_lanes.h"

#if __has_include(<intel-ipsec-mb.h>)
#define ALBICILLA_MULTI_BUFFER
#include <intel-ipsec-mb.h>
#endif

namespace albicilla {

namespace {

void one_by_one(std::span<const std::string_view> texts, std::span<Digest> digests) {
  for (std::size_t i = 0; i < texts.size(); ++i) digests[i] = sha256(texts[i]);
}

#ifdef ALBICILLA_MULTI_BUFFER

struct FreeLanes {
  void operator()(IMB_MGR* lanes) const { free_mb_mgr(lanes); }
};

std::unique_ptr<IMB_MGR, FreeLanes> make_lanes() {
  std::unique_ptr<IMB_MGR, FreeLanes> lanes(alloc_mb_mgr(0));
  if (lanes == nullptr) return nullptr;
  IMB_ARCH used = IMB_ARCH_NONE;
  init_mb_mgr_auto(lanes.get(), &used);
  return used == IMB_ARCH_NONE || imb_get_errno(lanes.get()) != 0 ? nullptr : std::move(lanes);
}

// A text that the library did not hash is hashed again by itself.
void settle(const IMB_JOB& job, std::span<const std::string_view> texts,
            std::span<Digest> digests) {
  if (job.status == IMB_STATUS_COMPLETED) return;
  const auto at = static_cast<std::size_t>(static_cast<Digest*>(job.user_data) - digests.data());
  digests[at] = sha256(texts[at]);
}

void side_by_side(IMB_MGR& lanes, std::span<const std::string_view> texts,
                  std::span<Digest> digests) {
  for (std::size_t i = 0; i < texts.size(); ++i) {
    IMB_JOB& job = *IMB_GET_NEXT_JOB(&lanes);
    job = {};
    job.cipher_mode = IMB_CIPHER_NULL;
    job.cipher_direction = IMB_DIR_ENCRYPT;
    job.chain_order = IMB_ORDER_HASH_CIPHER;
    job.hash_alg = IMB_AUTH_SHA_256;
    job.src = reinterpret_cast<const std::uint8_t*>(texts[i].data());
    job.msg_len_to_hash_in_bytes = texts[i].size();
    job.auth_tag_output = digests[i].data();
    job.auth_tag_output_len_in_bytes = digests[i].size();
    job.user_data = &digests[i];
    if (const IMB_JOB* done = IMB_SUBMIT_JOB(&lanes)) settle(*done, texts, digests);
  }
  while (const IMB_JOB* done = IMB_FLUSH_JOB(&lanes)) settle(*done, texts, digests);
}

// The library's lengths have 16 bits.
constexpr std::size_t kLongest = 0xFFFE;

#else

constexpr std::size_t kLongest = 0;

#endif

// Texts that are too long for the library. With few of them most lanes would stand idle.
void hash_long(std::span<const std::string_view> texts, std::span<Digest> digests) {
  const std::size_t lanes = sha256_lane_count();
  if (lanes == 0 || texts.size() < lanes / 4) return one_by_one(texts, digests);
  sha256_in_lanes(texts, digests);
}

void hash_short(std::span<const std::string_view> texts, std::span<Digest> digests) {
#ifdef ALBICILLA_MULTI_BUFFER
  thread_local const std::unique_ptr<IMB_MGR, FreeLanes> lanes = make_lanes();
  if (lanes != nullptr && texts.size() > 1) return side_by_side(*lanes, texts, digests);
#endif
  one_by_one(texts, digests);
}

}  // namespace

// The longest first: whatever is left for the end is short, so that all lanes are done at nearly
// the same time.
void sha256_each(std::span<const std::string_view> texts, std::span<Digest> digests) {
  std::vector<std::size_t> order(texts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&texts](std::size_t a, std::size_t b) { return texts[a].size() > texts[b].size(); });
  std::vector<std::string_view> sorted;
  sorted.reserve(texts.size());
  for (const std::size_t i : order) sorted.push_back(texts[i]);
  std::vector<Digest> found(texts.size());
  const auto is_long = [](std::string_view text) { return text.size() > kLongest; };
  const auto split = std::partition_point(sorted.begin(), sorted.end(), is_long);
  const auto count = static_cast<std::size_t>(split - sorted.begin());
  hash_long(std::span(sorted).first(count), std::span(found).first(count));
  hash_short(std::span(sorted).subspan(count), std::span(found).subspan(count));
  for (std::size_t i = 0; i < order.size(); ++i) digests[order[i]] = found[i];
}

}  // namespace albicilla
