// Parts of a dataset (train, val, test) by the hash of the session, so that forks of one session
// never stand in two of them. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace albicilla {

struct SplitPart {
  std::string name;
  double share = 0;
};

using Split = std::vector<SplitPart>;

// "train=0.9,val=0.05,test=0.05"; shares must make 1.
Result<Split> parse_split(std::string_view text);
// The part's name; empty without parts.
std::string_view part_of(const Split& split, std::string_view session);

}  // namespace albicilla
