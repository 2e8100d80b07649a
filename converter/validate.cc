#include "converter/validate.h"

#include <filesystem>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "common/base/nearest.h"
#include "common/json/scan.h"
#include "converter/format/registry.h"
#include "converter/options.h"
#include "converter/reading/byte_source.h"
#include "converter/reading/line_reader.h"

namespace albicilla {

namespace {

constexpr const char* kUsage =
    "Usage: albicilla-conv validate --format NAME FILE...\n\n"
    "Checks each row of the files (also .zst and .gz) against the rules of the format and names\n"
    "the rows that break one. Exit codes: 0 all rows are good, 1 some are not, 2 wrong use,\n"
    "3 a file cannot be read.\n";

struct Request {
  const DatasetFormat* format = nullptr;
  std::vector<std::string> files;
  std::string wrong;
};

Request read_arguments(int argc, const char* const* argv) {
  Request request;
  std::string name;
  for (int i = 0; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if ((argument == "--format" || argument == "-f") && i + 1 < argc) {
      name = argv[++i];
    } else if (argument.starts_with("--format=")) {
      name = argument.substr(9);
    } else if (argument.starts_with("-") && argument.size() > 1) {
      request.wrong = "unknown argument '" + std::string(argument) + "'";
      return request;
    } else {
      request.files.emplace_back(argument);
    }
  }
  request.format = find_format(name);
  if (request.format == nullptr) {
    std::vector<std::string> names;
    for (const DatasetFormat* format : dataset_formats()) names.emplace_back(format->name());
    request.wrong = "--format: there is no format '" + name + "'" + did_you_mean(name, names);
  } else if (request.format->container() == Container::parquet) {
    request.wrong = "--format: Parquet files are checked when they are written, not afterwards";
  } else if (request.files.empty()) {
    request.wrong = "FILE is missing";
  }
  return request;
}

struct Counts {
  std::uint64_t rows = 0;
  std::uint64_t bad = 0;
};

void check_row(const Request& request, const std::string& file, std::uint64_t line,
               std::string_view row, Counts& counts, std::ostream& out) {
  ++counts.rows;
  auto status = is_utf8(row) ? request.format->check(row) : client_error("row: not valid UTF-8");
  if (status) return;
  ++counts.bad;
  out << file << ':' << line << ": " << status.error().message << '\n';
}

// False when the file cannot be read.
bool check_file(const Request& request, const std::string& file, Counts& counts,
                std::ostream& out) {
  auto source = open_log(file);
  if (!source) {
    std::cerr << "albicilla-conv: " << source.error().message << '\n';
    return false;
  }
  LineReader lines;
  lines.open(std::move(*source));
  std::string whole;  // of a format whose row is a file
  const bool one_row = request.format->container() == Container::file_per_row;
  for (;;) {
    const auto line = lines.next();
    if (!line) {
      std::cerr << "albicilla-conv: " << line.error().message << '\n';
      return false;
    }
    if (!*line) break;
    if (one_row) {
      whole += (whole.empty() ? "" : "\n") + std::string((*line)->text);
    } else if (!(*line)->text.empty()) {
      check_row(request, file, (*line)->number, (*line)->text, counts, out);
    }
  }
  if (one_row) check_row(request, file, 1, whole, counts, out);
  return true;
}

}  // namespace

int validate(int argc, const char* const* argv, std::ostream& out) {
  for (int i = 0; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--help") {
      out << kUsage;
      return kExitOk;
    }
  }
  const Request request = read_arguments(argc, argv);
  if (!request.wrong.empty()) {
    std::cerr << kUsage << "\nalbicilla-conv: " << request.wrong << '\n';
    return kExitUsage;
  }
  Counts counts;
  bool readable = true;
  for (const std::string& file : request.files) {
    readable = check_file(request, file, counts, out) && readable;
  }
  out << counts.rows << " rows, " << counts.bad << " break a rule of " << request.format->name()
      << '\n';
  if (!readable) return kExitInput;
  return counts.bad > 0 ? kExitRejects : kExitOk;
}

}  // namespace albicilla
