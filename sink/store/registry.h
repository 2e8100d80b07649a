// The stores by name, and how their settings are gathered: from what was given, then from the
// environment under the names that each provider's own tools use.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/io/file.h"
#include "sink/store/pacer.h"
#include "sink/store/store.h"

namespace albicilla {

using StoreSettings = std::map<std::string, std::string>;  // by StoreSetting::name

struct StoreSetting {
  std::string_view name;
  std::string_view variable;       // of the environment, looked at when nothing was given
  std::string_view fallback = {};  // when neither says anything
  bool required = false;
  bool secret = false;  // never shown
};

// What a store works with; all of it must outlive the store.
struct StoreParts {
  FileSystem& files;
  Pacer& pacer;
  const Clock& clock;
};

// "local", "azure_blob", "s3", "kafka", in the order of the registry.
std::span<const std::string_view> store_names();
// Empty for an unknown store.
std::span<const StoreSetting> store_settings(std::string_view store);

// Completes what was given; an unknown name or a missing setting is an error that names it. A name
// "rdkafka.x" of the kafka store is passed to librdkafka as "x".
using EnvironmentLookup = std::function<std::optional<std::string>(std::string_view)>;
Result<StoreSettings> gather_store_settings(std::string_view store, const StoreSettings& given,
                                            const EnvironmentLookup& environment);

// From complete settings.
Result<std::unique_ptr<Store>> make_store(std::string_view store, const StoreSettings& settings,
                                          const StoreParts& parts);

}  // namespace albicilla
