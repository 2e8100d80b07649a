#include "sink/layout/session.h"

#include "common/session/session_file_name.h"

namespace albicilla {

std::string session_file(const SessionPlace& place) {
  std::string file(place.day);
  file += '/';
  // The prefix is foreign text as well; with it the id gets no shorter than a name may be.
  if (!place.prefix.empty()) file += session_file_name(place.prefix).substr(0, 64) + "-";
  file += session_file_name(place.session_id);
  file += ".jsonl";
  return file;
}

std::string gaps_file(std::string_view day) { return std::string(day) + "/.gaps.jsonl"; }

std::string quarantine_file(std::string_view day) {
  return std::string(day) + "/.quarantine.jsonl";
}

}  // namespace albicilla
