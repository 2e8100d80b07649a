// The API's answers about files: can what is shown be trusted?
#include "common/json/writer.h"
#include "converter/viewer/api.h"
#include "converter/viewer/api_answers.h"
#include "converter/viewer/file_list.h"
#include "converter/viewer/json_member.h"
#include "converter/viewer/log_tree.h"
#include "converter/viewer/signed_log.h"

namespace albicilla::viewer {

ApiAnswer Api::files(const ApiRequest& request) const {
  std::string body;
  JsonWriter json(body);
  const std::string day = request.parameter("day");
  if (day.empty()) {
    auto totals = count_files(parts_.pool);
    if (!totals) return from_error(totals.error());
    json.begin_object().key("days").begin_array();
    for (const FileTotals& one : *totals) write_totals(json, one);
    json.end_array().end_object();
    return json_answer(std::move(body));
  }
  if (day_of(day + "/x.jsonl").empty()) return api_error(400, "day must be like 2026-01-13");
  auto files =
      list_files(parts_.pool, day, count_parameter(request, "skip", 0, 10'000'000),
                 count_parameter(request, "limit", 200, 1000), request.parameter("faults") == "1");
  if (!files) return from_error(files.error());
  auto gaps = list_gaps(parts_.pool, day);
  if (!gaps) return from_error(gaps.error());
  const auto manifest = parts_.signed_log.day(day);
  if (!manifest) return from_error(manifest.error());
  json.begin_object().key("files").begin_array();
  for (const FileProgress& file : *files) {
    write_file(json, file, signature_of(parts_.root, file, **manifest));
  }
  json.end_array().key("gaps").begin_array();
  for (const GapRow& gap : *gaps) write_gap(json, gap);
  json.end_array().end_object();
  return json_answer(std::move(body));
}

// What does not fit the day's signed list of files is a fault of the day.
ApiAnswer Api::checkpoints(const ApiRequest& request) const {
  const std::string day = request.parameter("day");
  if (!day.empty() && day_of(day + "/x.jsonl").empty()) {
    return api_error(400, "day must be like 2026-01-13");
  }
  auto report = parts_.signed_log.check();
  if (!report) return from_error(report.error());
  std::string body;
  JsonWriter json(body);
  json.begin_object().key("days").begin_array();
  for (SignedDay& one : report->days) {
    if (!day.empty() && one.day != day) continue;
    if (!day.empty()) {
      const auto manifest = parts_.signed_log.day(day);
      if (!manifest) return from_error(manifest.error());
      if (Status status = add_misfits(parts_.pool, parts_.root, **manifest, one); !status) {
        return from_error(status.error());
      }
    }
    write_signed_day(json, one);
  }
  json.end_array().key("chain");
  write_faults(json, report->chain);
  json.end_object();
  return json_answer(std::move(body));
}

ApiAnswer Api::verify(const ApiRequest& request) const {
  const std::string name = request.parameter("file");
  const std::string day(day_of(name));
  if (day.empty()) return api_error(400, "file must be like 2026-01-13/session.jsonl");
  const auto manifest = parts_.signed_log.day(day);
  if (!manifest) return from_error(manifest.error());
  const auto found = (*manifest)->files.find(name.substr(day.size() + 1));
  const ManifestFile* const signed_state =
      found == (*manifest)->files.end() ? nullptr : &found->second;
  auto verified = verify_file(parts_.root, name, signed_state);
  if (!verified) return from_error(verified.error());
  std::string body;
  JsonWriter json(body);
  write_file(json, verified->file, verified->signature);
  return json_answer(std::move(body));
}

}  // namespace albicilla::viewer
