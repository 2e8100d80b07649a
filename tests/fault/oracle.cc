#include "tests/fault/oracle.h"

#include <map>
#include <optional>
#include <set>
#include <unordered_map>

namespace albicilla::fault {
namespace {

constexpr std::size_t kMostFindings = 50;
// How long a byte may be at the client without being in the spool.
constexpr std::chrono::milliseconds kMoment{10};

class Judge {
 public:
  Judge(const std::vector<ClientEvidence>& client, const std::vector<ProviderEvidence>& provider,
        const std::vector<LineEvidence>& lines)
      : lines_(lines) {
    for (const ClientEvidence& entry : client) client_[entry.marker] = &entry;
    for (const ProviderEvidence& entry : provider) provider_.emplace(entry.marker, &entry);
    verdict_.requests = client.size();
    verdict_.lines = lines.size();
  }

  Verdict verdict() {
    for (const LineEvidence& line : lines_) check_line(line);
    check_empty_beginnings();
    for (const auto& [marker, entry] : client_) check_client(*entry);
    return std::move(verdict_);
  }

 private:
  void found(std::uint64_t& count, std::string_view kind, std::string detail) {
    ++count;
    if (verdict_.findings.size() < kMostFindings) {
      verdict_.findings.push_back({std::string(kind), std::move(detail)});
    }
  }

  void corrupt(const LineEvidence& line, std::string_view what) {
    found(verdict_.corrupt, "CORRUPT", line.where + " " + line.marker + ": " + std::string(what));
  }

  void phantom(const LineEvidence& line, std::string_view what) {
    found(verdict_.phantom, "PHANTOM", line.where + " " + line.marker + ": " + std::string(what));
  }

  void check_line(const LineEvidence& line) {
    if (line.fault.empty() && line.marker.empty() && is_empty_beginning(line)) {
      return empty_beginnings_.push_back(&line);
    }
    const bool first = logged_.insert(line.marker).second;
    if (!line.fault.empty()) return corrupt(line, line.fault);
    const auto client = client_.find(line.marker);
    if (client == client_.end()) return phantom(line, "no client sent it");
    const bool new_id = ids_.insert(line.exchange_id).second;
    const bool new_seq = seqs_.insert(line.producer + "/" + std::to_string(line.seq)).second;
    if (!first || !new_id || !new_seq) {
      return found(verdict_.duplicate, "DUPLICATE", line.where + " " + line.marker);
    }
    if (!client->second->sent) return phantom(line, "the client sent no byte of it");
    check_against_client(line, *client->second);
    if (line.ending == "complete") check_against_provider(line);
  }

  // A worker that died between the head of a request and its body, of which the provider has not
  // heard: whose it was stood in the body.
  static bool is_empty_beginning(const LineEvidence& line) {
    return line.ending == "interrupted" && line.request_bytes == 0 && line.response_bytes == 0;
  }

  // Each must belong to a request of its session that was sent, got no byte and has no other line.
  // Where an answer had begun there was more to say.
  void check_empty_beginnings() {
    std::map<std::string, std::uint64_t> unanswered;
    std::map<std::string, std::vector<std::string>> answered;
    for (const auto& [marker, entry] : client_) {
      if (!entry->sent || entry->refused || logged_.contains(marker)) continue;
      if (entry->status == 0) ++unanswered[entry->session];
      if (entry->status != 0) answered[entry->session].push_back(marker);
    }
    for (const LineEvidence* line : empty_beginnings_) {
      const bool new_id = ids_.insert(line->exchange_id).second;
      const bool new_seq = seqs_.insert(line->producer + "/" + std::to_string(line->seq)).second;
      if (!new_id || !new_seq) {
        found(verdict_.duplicate, "DUPLICATE", line->where);
      } else if (std::uint64_t& left = unanswered[line->session]; left > 0) {
        --left;
      } else if (auto& markers = answered[line->session]; !markers.empty()) {
        logged_.insert(markers.back());
        markers.pop_back();
        corrupt(*line, "nothing in it, though its answer had begun");
      } else {
        phantom(*line, "nothing in it, and no request of its session is without an answer");
      }
    }
  }

  void check_against_client(const LineEvidence& line, const ClientEvidence& client) {
    if (line.ending != "refused" && line.request_sha256 != client.request_sha256) {
      return corrupt(line, "another request than the client sent");
    }
    if (!client.complete) return check_what_is_left(line, client);
    // A worker whose spool failed says so to the client, but can no longer write that it did.
    if (client.refused && line.ending == "interrupted") return;
    const bool whole = line.ending == "complete" || line.ending == "client_abort_after_end";
    if (!client.refused && !whole) {
      return corrupt(line, "answered whole, but the line says " + line.ending);
    }
    if (line.status != client.status) return corrupt(line, "another status than the client got");
  }

  // An answer that broke off was in the spool before it was at the client, but for the last moment
  // before the last byte passed. That byte passed after the provider sent it, and each other byte
  // before the client had it: what lies further apart than a moment must be in the line, however
  // late client and provider were given the processor.
  void check_what_is_left(const LineEvidence& line, const ClientEvidence& client) {
    if (line.ending == "refused" || client.refused || client.timeline.empty()) return;
    const auto last_sent = sent_at(client.marker, client.timeline.back().bytes);
    if (!last_sent) return corrupt(line, "the client got more than the provider sent");
    std::uint64_t settled = 0;
    for (const support::Moment& came : client.timeline) {
      if (came.when + kMoment < *last_sent) settled = came.bytes;
    }
    if (line.response_bytes >= settled) return;
    corrupt(line, "response_bytes " + std::to_string(line.response_bytes) + ", the client had " +
                      std::to_string(settled) + " more than 10 ms before its last byte");
  }

  // When the provider sent the answer's byte before `bytes`.
  std::optional<std::chrono::microseconds> sent_at(const std::string& marker,
                                                   std::uint64_t bytes) const {
    std::optional<std::chrono::microseconds> earliest;
    const auto [begin, end] = provider_.equal_range(marker);
    for (auto it = begin; it != end; ++it) {
      for (const support::Moment& sent : it->second->timeline) {
        if (sent.bytes < bytes) continue;
        if (!earliest || sent.when < *earliest) earliest = sent.when;
        break;
      }
    }
    return earliest;
  }

  void check_against_provider(const LineEvidence& line) {
    const auto [begin, end] = provider_.equal_range(line.marker);
    if (begin == end) return phantom(line, "complete, but the provider never saw it");
    const ProviderEvidence* answer = nullptr;
    for (auto it = begin; it != end; ++it) {
      if (it->second->ending == "complete" || it->second->said_all) answer = it->second;
    }
    if (answer == nullptr) return phantom(line, "complete, but the provider broke off");
    if (line.status != answer->status) return corrupt(line, "another status than the provider's");
    if (line.response_bytes != answer->response_bytes) {
      return corrupt(line, "response_bytes " + std::to_string(line.response_bytes) +
                               ", the provider sent " + std::to_string(answer->response_bytes));
    }
    if (line.streaming != answer->stream) return corrupt(line, "streaming is wrong");
    const bool same = answer->stream ? line.text_sha256 == answer->text_sha256
                                     : line.response_sha256 == answer->response_sha256;
    if (!same) corrupt(line, "another response than the provider sent");
  }

  void check_client(const ClientEvidence& entry) {
    if (entry.refused) ++verdict_.refused;
    if (entry.refused || entry.status == 0) return;
    ++(entry.complete ? verdict_.answered : verdict_.interrupted);
    if (!logged_.contains(entry.marker)) {
      return found(verdict_.lost, "LOST",
                   entry.marker + (entry.complete ? "" : ": its answer had begun"));
    }
    if (!entry.complete) return;
    const auto [begin, end] = provider_.equal_range(entry.marker);
    for (auto it = begin; it != end; ++it) {
      if (it->second->response_sha256 == entry.response_sha256) return;
    }
    found(verdict_.corrupt, "CORRUPT", entry.marker + ": the client got other bytes");
  }

  const std::vector<LineEvidence>& lines_;
  std::unordered_map<std::string, const ClientEvidence*> client_;
  std::unordered_multimap<std::string, const ProviderEvidence*> provider_;
  std::set<std::string> logged_;
  std::set<std::string> ids_;
  std::set<std::string> seqs_;
  std::vector<const LineEvidence*> empty_beginnings_;
  Verdict verdict_;
};

}  // namespace

Verdict judge(const std::vector<ClientEvidence>& client,
              const std::vector<ProviderEvidence>& provider,
              const std::vector<LineEvidence>& lines) {
  return Judge(client, provider, lines).verdict();
}

std::string Verdict::text() const {
  std::string text;
  for (const Finding& finding : findings) text += finding.kind + " " + finding.detail + "\n";
  text += "requests=" + std::to_string(requests) + " answered=" + std::to_string(answered) +
          " refused=" + std::to_string(refused) + " interrupted=" + std::to_string(interrupted) +
          " lines=" + std::to_string(lines) + " LOST=" + std::to_string(lost) +
          " DUPLICATE=" + std::to_string(duplicate) + " CORRUPT=" + std::to_string(corrupt) +
          " PHANTOM=" + std::to_string(phantom) + "\n";
  return text;
}

}  // namespace albicilla::fault
