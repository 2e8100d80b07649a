// Streams as providers send them, for benches: one token an event.
#pragma once

#include <string>

namespace albicilla {

inline std::string chat_stream(int events) {
  std::string stream;
  for (int i = 0; i < events; ++i) {
    stream +=
        R"(data: {"id":"chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT","object":"chat.completion.chunk",)"
        R"("created":1768300000,"model":"gpt-4o-mini-2024-07-18","service_tier":"default",)"
        R"("system_fingerprint":"fp_72ed7ab54c","choices":[{"index":0,"delta":{"content":" token)" +
        std::to_string(i) +
        R"("},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"aB3dE"})"
        "\n\n";
  }
  return stream + "data: [DONE]\n\n";
}

inline std::string tool_stream(int events) {
  std::string stream;
  for (int i = 0; i < events; ++i) {
    const std::string id =
        i < 2 ? R"("id":"call_)" + std::to_string(i) + R"(","type":"function",)" : "";
    const std::string name = i < 2 ? R"("name":"get_weather",)" : "";
    stream +=
        R"(data: {"id":"chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT","object":"chat.completion.chunk",)"
        R"("created":1768300000,"model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"delta":)"
        R"({"tool_calls":[{"index":)" +
        std::to_string(i % 2) + "," + id + R"("function":{)" + name +
        R"("arguments":"{\"a\":1"}}]},"finish_reason":null}]})"
        "\n\n";
  }
  return stream + "data: [DONE]\n\n";
}

}  // namespace albicilla
