#include "converter/manifest.h"

#include <array>
#include <fstream>
#include <memory>

#include <openssl/evp.h>

#include "common/base/version.h"
#include "converter/format/row_writer.h"

namespace albicilla {

namespace {

struct Hashed {
  std::uint64_t bytes = 0;
  std::string sha256;
};

Result<Hashed> hash_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return our_error(path.string() + ": cannot be read");
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(),
                                                                   EVP_MD_CTX_free);
  EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
  Hashed hashed;
  std::vector<char> piece(std::size_t{1} << 18);
  while (file.read(piece.data(), static_cast<std::streamsize>(piece.size())) || file.gcount() > 0) {
    const auto got = static_cast<std::size_t>(file.gcount());
    EVP_DigestUpdate(context.get(), piece.data(), got);
    hashed.bytes += got;
  }
  std::array<unsigned char, 32> digest{};
  EVP_DigestFinal_ex(context.get(), digest.data(), nullptr);
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const unsigned char byte : digest) {
    hashed.sha256.push_back(kDigits[byte >> 4U]);
    hashed.sha256.push_back(kDigits[byte & 15U]);
  }
  return hashed;
}

Status add_file(RowWriter& row, const std::string& name, const std::filesystem::path& path,
                const std::uint64_t* rows) {
  const auto hashed = hash_file(path);
  if (!hashed) return hashed.error();
  row.begin_object().key("name").plain(name).key("bytes");
  row.number(static_cast<std::int64_t>(hashed->bytes)).key("sha256").plain(hashed->sha256);
  if (rows != nullptr) row.key("rows").number(static_cast<std::int64_t>(*rows));
  row.end_object();
  return {};
}

}  // namespace

Result<std::string> manifest_json(const std::vector<LogFile>& inputs, const std::string& options,
                                  const std::filesystem::path& output,
                                  const std::vector<ManifestOutput>& outputs) {
  std::string text;
  RowWriter row(text);
  row.begin_object().key("program").plain(std::string("albicilla-conv ") + kVersion);
  row.key("options").plain(options).key("inputs").begin_array();
  for (const LogFile& file : inputs) {
    if (auto status = add_file(row, file.name, file.path, nullptr); !status) {
      return status.error();
    }
  }
  row.end_array().key("outputs").begin_array();
  for (const ManifestOutput& file : outputs) {
    auto status = add_file(row, file.name, output / file.name, &file.rows);
    if (!status) return status.error();
  }
  row.end_array().end_object();
  return text + "\n";
}

}  // namespace albicilla
