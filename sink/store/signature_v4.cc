#include "sink/store/signature_v4.h"

#include <algorithm>
#include <ctime>

#include "sink/store/checksum.h"

namespace albicilla {

namespace {

bool unreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

std::string encode(std::string_view text, std::string_view also_plain) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (unreserved(c) || also_plain.find(c) != std::string_view::npos) {
      out.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.push_back('%');
      out.push_back(kDigits[byte >> 4]);
      out.push_back(kDigits[byte & 15]);
    }
  }
  return out;
}

// Without outer white space, runs of blanks as one.
std::string trimmed(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if ((c == ' ' || c == '\t') && (out.empty() || out.back() == ' ')) continue;
    out.push_back(c == '\t' ? ' ' : c);
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

using NamedValues = std::vector<std::pair<std::string, std::string>>;

// Lower-case names in order; values of one name joined by commas in theirs.
NamedValues canonical_headers(const Headers& headers) {
  NamedValues all;
  for (const Header& header : headers) {
    all.emplace_back(lower_name(header.name), trimmed(header.value));
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  NamedValues joined;
  for (auto& [name, value] : all) {
    if (!joined.empty() && joined.back().first == name) {
      joined.back().second += "," + value;
    } else {
      joined.emplace_back(std::move(name), std::move(value));
    }
  }
  return joined;
}

std::string signed_names(const NamedValues& headers) {
  std::string names;
  for (const auto& [name, value] : headers) names += (names.empty() ? "" : ";") + name;
  return names;
}

// "20130524T000000Z"
std::string basic_time(WallTime now) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof(text), "%Y%m%dT%H%M%SZ", &parts)};
}

}  // namespace

std::string uri_encode(std::string_view text) { return encode(text, ""); }
std::string uri_encode_path(std::string_view path) { return encode(path, "/"); }

std::string canonical_query(const Query& query) {
  NamedValues encoded;
  for (const auto& [name, value] : query) {
    encoded.emplace_back(uri_encode(name), uri_encode(value));
  }
  std::sort(encoded.begin(), encoded.end());
  std::string out;
  for (const auto& [name, value] : encoded) out += (out.empty() ? "" : "&") + name + "=" + value;
  return out;
}

std::string aws_canonical_request(const AwsRequest& request) {
  const NamedValues headers = canonical_headers(request.headers);
  std::string out = request.method + "\n" + uri_encode_path(request.path) + "\n" +
                    canonical_query(request.query) + "\n";
  for (const auto& [name, value] : headers) out += name + ":" + value + "\n";
  return out + "\n" + signed_names(headers) + "\n" + request.payload_sha256;
}

Headers sign_aws(const AwsRequest& request, const AwsScope& scope,
                 const AwsCredentials& credentials, WallTime now) {
  const std::string time = basic_time(now);
  const std::string day = time.substr(0, 8);
  AwsRequest complete = request;
  complete.headers.push_back({"X-Amz-Date", time});
  if (scope.service == "s3") {
    complete.headers.push_back({"X-Amz-Content-Sha256", request.payload_sha256});
  }
  if (!credentials.session_token.empty()) {
    complete.headers.push_back({"X-Amz-Security-Token", credentials.session_token});
  }
  const std::string scope_text = day + "/" + scope.region + "/" + scope.service + "/aws4_request";
  const std::string to_sign = "AWS4-HMAC-SHA256\n" + time + "\n" + scope_text + "\n" +
                              hex_of(raw_sha256(aws_canonical_request(complete)));
  std::string key = raw_hmac_sha256("AWS4" + credentials.secret_key, day);
  key = raw_hmac_sha256(key, scope.region);
  key = raw_hmac_sha256(key, scope.service);
  key = raw_hmac_sha256(key, "aws4_request");
  const std::string names = signed_names(canonical_headers(complete.headers));
  complete.headers.push_back(
      {"Authorization", "AWS4-HMAC-SHA256 Credential=" + credentials.access_key + "/" + scope_text +
                            ",SignedHeaders=" + names +
                            ",Signature=" + hex_of(raw_hmac_sha256(key, to_sign))});
  return std::move(complete.headers);
}

}  // namespace albicilla
