#include "sink/layout/registry.h"

#include <algorithm>
#include <array>

#include "sink/layout/events.h"
#include "sink/layout/messages.h"
#include "sink/layout/trace.h"
#include "sink/layout/user_model_day.h"

namespace albicilla {

namespace {

constexpr std::array kLayouts{
    Layout{"user_model_day", derive_user_model_day, true},
    Layout{"events", derive_event, false, &LayoutLimits::event_chunks},
    Layout{"trace", derive_trace, true, &LayoutLimits::trace_chunks},
    Layout{"messages", derive_messages},
};

}  // namespace

std::span<const Layout> layouts() { return kLayouts; }

const Layout* layout_named(std::string_view name) {
  const auto found = std::find_if(kLayouts.begin(), kLayouts.end(),
                                  [&](const Layout& layout) { return layout.name == name; });
  return found == kLayouts.end() ? nullptr : &*found;
}

}  // namespace albicilla
