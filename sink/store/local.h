// Another directory, perhaps another disk or a mounted share: files are copied there, checked,
// synced and then renamed, so a half copy never has its final name.
#pragma once

#include <string>

#include "common/io/file.h"
#include "sink/store/pacer.h"
#include "sink/store/store.h"

namespace albicilla {

class LocalStore final : public Store {
 public:
  // `files` and `pacer` must outlive the store. One process writes into `directory`.
  LocalStore(std::string directory, FileSystem& files, Pacer& pacer);

  std::string_view name() const override { return "local"; }
  StoreAbilities abilities() const override { return {.appends = true, .reads_back = true}; }
  StoreAnswer put(const std::string& name, const SourceFile& file, PutMode mode) override;
  StoreAnswer append(const std::string& name, const SourceFile& file,
                     std::uint64_t position) override;
  StoreAnswer head(const std::string& name) override;
  StoreAnswer remove(const std::string& name) override;

 private:
  std::string path_of(const std::string& name) const { return directory_ + "/" + name; }
  StoreAnswer compare(const std::string& name, const SourceFile& file, const std::string& wanted);
  Status copy(const SourceFile& file, const std::string& to, const std::string& wanted);
  Status add_range(const SourceFile& file, std::uint64_t from, AppendFile& to);

  std::string directory_;
  FileSystem& files_;
  Pacer& pacer_;
};

}  // namespace albicilla
