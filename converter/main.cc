// albicilla-conv: from log lines to datasets. The flags are in options, the work is in steps.
#include <iostream>
#include <string_view>
#include <variant>

#include "common/base/log.h"
#include "converter/interrupt.h"
#include "converter/options.h"
#include "converter/steps.h"
#include "converter/validate.h"

int main(int argc, char** argv) {
  using namespace albicilla;
  if (argc > 1 && std::string_view(argv[1]) == "validate") {
    return validate(argc - 2, argv + 2, std::cout);
  }
  const auto options = parse_options(argc, argv);
  if (const int* code = std::get_if<int>(&options)) return *code;
  const auto& convert_options = std::get<ConvertOptions>(options);
  configure_log("albicilla-conv", convert_options.verbose ? LogLevel::debug : LogLevel::warning);
  watch_for_interrupt();
  return convert(convert_options, std::cout);
}
