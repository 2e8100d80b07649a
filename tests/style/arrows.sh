#!/usr/bin/env bash
# Who may include whom. The top rooms meet only in common/; inside common/ arrows point down; a
# third-party header stays in the edge files that wrap it. Prints every arrow that breaks a rule.
set -u
cd "${ALBICILLA_SOURCE_DIR:-$(dirname "$0")/../..}" || exit 2
bad=0
complain() { printf '%s\n' "$*"; bad=1; }

includes() { # files... -> "file header", for our own rooted includes
  grep -HnoE '^#include "[^"]+"' "$@" 2>/dev/null | sed -E 's/^([^:]+):[0-9]+:#include "([^"]+)"/\1 \2/'
}

sources() { find "$@" -name '*.h' -o -name '*.cc' | sort; }

# 1. The top: proxy, sink and converter know common and themselves; common knows only common.
while read -r file header; do
  from=${file%%/*}
  to=${header%%/*}
  case "$from>$to" in
    "$from>$from" | proxy\>common | sink\>common | converter\>common) ;;
    *) complain "$file includes $header: $from may not know $to" ;;
  esac
done < <(includes $(sources common proxy sink converter))

# 2. Inside common, only downward. Each room lists what lies below it.
declare -A below=(
  [base]=""
  [http]="base" [json]="base" [sse]="base" [chain]="base json" [io]="base"
  [dialect]="base http json sse" [record]="base http json chain io"
  [usage]="base http json sse dialect" [session]="base http json dialect record"
  [redact]="base http json sse dialect record" [translate]="base http json sse dialect record usage"
)
while read -r file header; do
  from=$(cut -d/ -f2 <<<"$file")
  to=$(cut -d/ -f2 <<<"$header")
  [ "$from" = "$to" ] && continue
  case " ${below[$from]-unknown} " in
    *" $to "*) ;;
    *) complain "$file includes $header: common/$from lies below common/$to" ;;
  esac
done < <(includes $(sources common) | grep ' common/')

# 3. Third-party headers never in a header of ours (Asio's types inside proxy/ are the exception).
while read -r line; do
  case "$line" in
    proxy/*boost/asio* | proxy/*boost/beast*) ;;
    *) complain "$line: a third-party header in a header of ours" ;;
  esac
done < <(grep -HnE '^#include <(boost|zmq|msgpack|nlohmann|simdjson|httplib|spdlog|yaml-cpp|CLI|re2|sqlite3|zstd|zlib|brotli|prometheus|librdkafka|openssl)' \
  $(find common proxy sink converter -name '*.h'))

exit $bad
