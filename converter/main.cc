// albicilla-conv: from log lines to datasets. The flags are in options, the work is in steps.
#include <iostream>
#include <variant>

#include "common/base/log.h"
#include "converter/options.h"
#include "converter/steps.h"

int main(int argc, char** argv) {
  using namespace albicilla;
  const auto options = parse_options(argc, argv);
  if (const int* code = std::get_if<int>(&options)) return *code;
  const auto& convert_options = std::get<ConvertOptions>(options);
  configure_log("albicilla-conv", convert_options.verbose ? LogLevel::debug : LogLevel::warning);
  return convert(convert_options, std::cout);
}
