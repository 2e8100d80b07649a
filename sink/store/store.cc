#include "sink/store/store.h"

namespace albicilla {

std::string_view to_string(StoreVerdict verdict) {
  switch (verdict) {
    case StoreVerdict::confirmed:
      return "confirmed";
    case StoreVerdict::already_there:
      return "already_there";
    case StoreVerdict::missing:
      return "missing";
    case StoreVerdict::conflict:
      return "conflict";
    case StoreVerdict::other_position:
      return "other_position";
    case StoreVerdict::refused:
      return "refused";
    case StoreVerdict::unavailable:
      return "unavailable";
    case StoreVerdict::unsupported:
      return "unsupported";
  }
  return "unavailable";
}

}  // namespace albicilla
