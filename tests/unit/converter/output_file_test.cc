// A file holds what was written to it, however large the pieces were.
#include "converter/output_file.h"

#include <zstd.h>

#include "tests/unit/converter/conversion.h"

namespace albicilla {
namespace {

// Around the size of the blocks in which bytes go to the disk.
constexpr std::size_t kSizes[] = {0,      1,      65534,  65535,  65536, 65537,
                                  131071, 200000, 131072, 100000, 30,    65535};

class OutputFileTest : public Conversion {
 protected:
  // All lines, and the bytes that the file has in the end.
  std::pair<std::string, std::string> write_lines(Compression compression) {
    const std::filesystem::path path = root_ / ("rows" + std::string(file_ending(compression)));
    auto file = OutputFile::create(path, compression);
    EXPECT_TRUE(file);
    std::string lines;
    char letter = 'a';
    for (const std::size_t size : kSizes) {
      const std::string text(size, letter++);
      EXPECT_TRUE((*file)->write_line(text));
      lines += text + "\n";
    }
    EXPECT_TRUE((*file)->commit());
    return {lines, bytes_of(path)};
  }
};

TEST_F(OutputFileTest, HoldsItsLinesWhateverTheirSizes) {
  const auto [lines, bytes] = write_lines(Compression::none);
  EXPECT_EQ(bytes, lines);
}

TEST_F(OutputFileTest, HoldsThemWhenItIsCompressed) {
  const auto [lines, bytes] = write_lines(Compression::zstd);
  std::string unpacked(lines.size(), '\0');
  const std::size_t size =
      ZSTD_decompress(unpacked.data(), unpacked.size(), bytes.data(), bytes.size());
  EXPECT_EQ(size, lines.size());
  EXPECT_EQ(unpacked, lines);
}

}  // namespace
}  // namespace albicilla
