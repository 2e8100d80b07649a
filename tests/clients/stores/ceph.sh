#!/usr/bin/env bash
# Runs the store contract, the uploader and the sink itself against a Ceph object gateway that is running
# already; by hand, because a Ceph cluster is more than a test may start:
#   S3_ENDPOINT=http://127.0.0.1:4574 RADOSGW_ADMIN='radosgw-admin' tests/clients/stores/ceph.sh
# The admin command makes two users of its own, one of them with little room. An expired certificate
# stands in front of the gateway in HAProxy. ALBICILLA_BINARY_DIR names the build to test.
set -euo pipefail
cd "$(dirname "$0")"
build=$(realpath "${ALBICILLA_BINARY_DIR:-../../../build/release}")
: "${S3_ENDPOINT:?the address of the gateway}" "${RADOSGW_ADMIN:?the command radosgw-admin, with its words}"
scratch=$(mktemp -d)
front=''
trap 'kill $front 2>/dev/null || true; wait; rm -rf "$scratch"' EXIT

admin() { $RADOSGW_ADMIN "$@" >"$scratch/admin" 2>&1 || { cat "$scratch/admin" >&2; exit 1; }; }
bucket() { # key, secret, name
  local empty=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
  curl -fsS -o /dev/null --user "$1:$2" --aws-sigv4 aws:amz:us-east-1:s3 -X PUT \
    -H "x-amz-content-sha256: $empty" "$S3_ENDPOINT/$3"
}
id=t$RANDOM$RANDOM
for user in roomy small; do
  admin user create --uid "$id-$user" --display-name "$user" --access-key "$id-$user" --secret-key "secret-$id-$user"
  bucket "$id-$user" "secret-$id-$user" "$id-$user"
done
use() { export STORE_ACCOUNT=$id-$1 STORE_KEY=secret-$id-$1 STORE_ROOM=$id-$1; }
export STORE=s3 STORE_ENDPOINT=$S3_ENDPOINT

certificate=$("$build/bin/real-store-test" --expired-certificate "$scratch")
cat "$certificate" "$scratch/key.pem" >"$scratch/both.pem"
port=$((20000 + RANDOM % 20000))
cat >"$scratch/haproxy.cfg" <<CFG
defaults
    mode tcp
    timeout connect 5s
    timeout client 60s
    timeout server 60s
listen expired
    bind 127.0.0.1:$port ssl crt $scratch/both.pem
    server gateway ${S3_ENDPOINT#http://}
CFG
haproxy -db -f "$scratch/haproxy.cfg" >"$scratch/haproxy.log" 2>&1 & front=$!
export STORE_EXPIRED_ENDPOINT=https://127.0.0.1:$port STORE_EXPIRED_CA=$certificate

use roomy
"$build/bin/real-store-test" "$@"
"$build/bin/sink-store-test" --gtest_filter=-'*Full' "$@"
use small
admin quota set --quota-scope=user --uid "$id-small" --max-size=1048576
admin quota enable --quota-scope=user --uid "$id-small"
export STORE_FULL_ENDPOINT=$S3_ENDPOINT
export STORE_MAKE_ROOM="$RADOSGW_ADMIN quota disable --quota-scope=user --uid $id-small >/dev/null 2>&1"
"$build/bin/sink-store-test" --gtest_filter='*Full' "$@"
