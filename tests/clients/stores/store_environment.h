// The real server that the environment names: STORE (azure_blob or s3), STORE_ENDPOINT,
// STORE_ACCOUNT, STORE_KEY, STORE_ROOM (container or bucket). azurite.sh and ceph.sh set them.
#pragma once

#include <memory>
#include <string>

#include "sink/store/registry.h"
#include "tests/support/stores/store_makers.h"

namespace albicilla::tests {

// Empty when it is not set.
std::string from_environment(const char* name);
bool store_is_azure();
// Complete, for make_store.
StoreSettings store_settings_of_environment();
std::unique_ptr<StoreUnderTest> store_of_environment();

}  // namespace albicilla::tests
