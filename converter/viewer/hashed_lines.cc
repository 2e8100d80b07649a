#include "converter/viewer/hashed_lines.h"

#include "common/base/digest_batch.h"

namespace albicilla::viewer {

std::vector<HashedLine> hash_lines(const std::vector<TailLine>& lines) {
  std::vector<HashedLine> hashed(lines.size());
  std::vector<std::string_view> texts(lines.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    hashed[i].line = lines[i];
    hashed[i].split = split_chained_line(lines[i].text);
    if (hashed[i].split) texts[i] = hashed[i].split->chained;
  }
  std::vector<Digest> digests(lines.size());
  sha256_each(texts, digests);
  for (std::size_t i = 0; i < lines.size(); ++i) hashed[i].digest = digests[i];
  return hashed;
}

}  // namespace albicilla::viewer
