#include "tests/support/stores/store_makers.h"

#include <ctime>
#include <utility>

namespace albicilla::tests {

namespace {

std::unique_ptr<HttpTransport> client_of(const Endpoint& endpoint, Pacer& pacer) {
  return std::make_unique<HttpClient>(HttpClient::Options{endpoint, ""}, pacer);
}

std::string http_date() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[64];
  return {text, std::strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &parts)};
}

class S3UnderTest final : public StoreUnderTest {
 public:
  explicit S3UnderTest(S3Options options)
      : options_(std::move(options)), pacer_(clock_, 0), reader_(client(pacer_)) {
    auto transport = std::make_unique<FaultyTransport>(client(pacer_));
    transport_ = transport.get();
    store_ = std::make_unique<S3>(options_, std::move(transport), clock_);
    S3Options wrong = options_;
    wrong.credentials.secret_key += "x";
    wrong_ = std::make_unique<S3>(wrong, client(pacer_), clock_);
  }
  Store& store() override { return *store_; }
  FaultyTransport* transport() override { return transport_; }
  Store* with_wrong_key() override { return wrong_.get(); }

  std::optional<std::string> bytes(const std::string& name) override {
    const Endpoint host = s3_host(options_);
    AwsRequest request{"GET", "/" + options_.bucket + "/" + options_.prefix + name, {}, {}, ""};
    request.headers = {{"Host", host.authority()}};
    request.payload_sha256 = "UNSIGNED-PAYLOAD";
    HttpRequest out;
    out.method = "GET";
    out.target = uri_encode_path(request.path);
    out.headers = sign_aws(request, {options_.region, "s3"}, options_.credentials, clock_.wall());
    // In slices: the client takes only small answers.
    return read_sliced(out);
  }

 private:
  std::unique_ptr<HttpTransport> client(Pacer& pacer) const {
    return client_of(s3_host(options_), pacer);
  }

  std::optional<std::string> read_sliced(const HttpRequest& request) {
    constexpr std::size_t kSlice = 1024 * 1024;
    std::string all;
    while (true) {
      HttpRequest slice = request;
      slice.headers.push_back({"Range", "bytes=" + std::to_string(all.size()) + "-" +
                                            std::to_string(all.size() + kSlice - 1)});
      const auto reply = reader_->send(slice);
      if (!reply || reply->status == 404) return std::nullopt;
      if (reply->status == 416) return all;
      all += reply->body;
      if (reply->status == 200 || reply->body.size() < kSlice) return all;
    }
  }

  SystemClock clock_;
  S3Options options_;
  Pacer pacer_;
  std::unique_ptr<HttpTransport> reader_;
  FaultyTransport* transport_ = nullptr;
  std::unique_ptr<S3> store_;
  std::unique_ptr<S3> wrong_;
};

class AzureUnderTest final : public StoreUnderTest {
 public:
  explicit AzureUnderTest(AzureOptions options)
      : options_(std::move(options)), pacer_(clock_, 0), reader_(client()) {
    auto transport = std::make_unique<FaultyTransport>(client());
    transport_ = transport.get();
    store_ = std::make_unique<AzureBlob>(options_, std::move(transport), clock_);
    AzureOptions wrong = options_;
    wrong.account.key += "x";
    wrong_ = std::make_unique<AzureBlob>(wrong, client(), clock_);
  }
  Store& store() override { return *store_; }
  FaultyTransport* transport() override { return transport_; }
  Store* with_wrong_key() override { return wrong_.get(); }

  std::optional<std::string> bytes(const std::string& name) override {
    constexpr std::size_t kSlice = 1024 * 1024;
    std::string all;
    while (true) {
      AzureRequest request;
      request.method = "GET";
      request.path = options_.endpoint.base_path + "/" + options_.container + "/" +
                     uri_encode_path(options_.prefix + name);
      request.headers = {{"x-ms-date", http_date()},
                         {"x-ms-version", "2021-08-06"},
                         {"x-ms-range", "bytes=" + std::to_string(all.size()) + "-" +
                                            std::to_string(all.size() + kSlice - 1)}};
      HttpRequest out;
      out.method = "GET";
      out.target = request.path;
      out.headers = request.headers;
      out.headers.push_back({"Host", options_.endpoint.authority()});
      out.headers.push_back({"Authorization", azure_authorization(request, options_.account)});
      const auto reply = reader_->send(out);
      if (!reply || reply->status == 404) return std::nullopt;
      if (reply->status == 416) return all;
      all += reply->body;
      if (reply->body.size() < kSlice) return all;
    }
  }

 private:
  std::unique_ptr<HttpTransport> client() { return client_of(options_.endpoint, pacer_); }

  SystemClock clock_;
  AzureOptions options_;
  Pacer pacer_;
  std::unique_ptr<HttpTransport> reader_;
  FaultyTransport* transport_ = nullptr;
  std::unique_ptr<AzureBlob> store_;
  std::unique_ptr<AzureBlob> wrong_;
};

}  // namespace

std::unique_ptr<StoreUnderTest> make_s3_under_test(const S3Options& options) {
  return std::make_unique<S3UnderTest>(options);
}

std::unique_ptr<StoreUnderTest> make_azure_under_test(const AzureOptions& options) {
  return std::make_unique<AzureUnderTest>(options);
}

}  // namespace albicilla::tests
