// The words of albicilla-conv's command line and what --help says of them. What they mean is in
// options.cc.
#pragma once

#include <string>
#include <vector>

#include "converter/options.h"

namespace CLI {
class App;
}

namespace albicilla {

// What needs more than a plain copy into the options.
struct Flags {
  std::vector<std::string> logs;
  std::string output;
  std::string rejects;
  std::string format;
  std::string view;
  std::string compress;
  std::string meta;
  std::string since;
  std::string until;
  std::vector<std::string> where;
  std::string dedupe;
  std::string redact;
  std::string tokenizer;
  std::string split;
  std::string state;
  std::string progress;
  bool json_tool_calls = true;
};

// The general text and the list of formats with examples, for --help.
std::string flags_about();
std::string flags_footer();
// Declares every flag; `options` and `flags` must outlive `app`.
void declare_flags(CLI::App& app, ConvertOptions& options, Flags& flags);

}  // namespace albicilla
