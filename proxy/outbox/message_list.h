// The body of one direction of a WebSocket as a JSON value of a line: an array with one object per
// message, each with its time. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/dialect/dialect.h"
#include "proxy/outbox/body_value.h"

namespace albicilla {

// `body` holds pieces as common/record/message_entry.h writes them.
AppendedValue append_messages(std::string& out, std::string_view body, WallTime started_at,
                              Redactor* redactor = nullptr);

// What the messages make when each is taken for an event of the dialect's stream; nullopt when they
// make nothing. For usage, model and id: the line keeps the messages.
std::optional<std::string> assemble_messages(std::string_view body, const Dialect& dialect);

// The first whole text message; empty when there is none.
std::string first_text_message(std::string_view body);

}  // namespace albicilla
