// What the plan of an exchange holds whose upstream speaks another API than its client. A value.
#pragma once

#include <string>

#include "common/translate/translation.h"

namespace albicilla {

struct PlannedTranslation {
  const Translation* translation = nullptr;
  AnswerTerms terms;
  std::string record;  // as Direction::translation holds it
};

}  // namespace albicilla
