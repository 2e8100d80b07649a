// Stores under test over a network: S3 and Azure Blob at any endpoint. Objects are read back by
// signed requests of the test's own, not by the store.
#pragma once

#include <memory>
#include <string>

#include "sink/store/azure_blob.h"
#include "sink/store/s3.h"
#include "tests/support/stores/store_contract.h"

namespace albicilla::tests {

std::unique_ptr<StoreUnderTest> make_s3_under_test(const S3Options& options);
std::unique_ptr<StoreUnderTest> make_azure_under_test(const AzureOptions& options);

}  // namespace albicilla::tests
