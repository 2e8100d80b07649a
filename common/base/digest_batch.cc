#include "common/base/digest_batch.h"

#include <cstddef>
#include <memory>

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

#endif

}  // namespace

void sha256_each(std::span<const std::string_view> texts, std::span<Digest> digests) {
#ifdef ALBICILLA_MULTI_BUFFER
  thread_local const std::unique_ptr<IMB_MGR, FreeLanes> lanes = make_lanes();
  if (lanes != nullptr && texts.size() > 1) return side_by_side(*lanes, texts, digests);
#endif
  one_by_one(texts, digests);
}

}  // namespace albicilla
