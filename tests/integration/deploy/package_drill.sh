#!/usr/bin/env bash
# The Debian package on a fresh Debian 12 that is booted: installed, its services started and asked,
# upgraded over itself, removed and purged, with nothing of it left. By hand, because it boots a
# system of its own (root, a mirror, some minutes the first time):
#   tests/integration/deploy/package_drill.sh build/release/albicilla_*.deb [DIRECTORY]
# ALBICILLA_BINARY_DIR names the build whose mock provider is asked (default build/release).
set -euo pipefail
cd "$(dirname "$0")/../../.."
deb=$(realpath "${1:?the package}")
root=$(realpath -m "${2:-build/package-drill}")
bin=$(realpath "${ALBICILLA_BINARY_DIR:-build/release}")/bin
fail() { echo "package_drill: $*" >&2; exit 1; }

if [ ! -e "$root/ready" ]; then
  deploy/packages.sh debootstrap
  rm -rf "$root"
  debootstrap --variant=minbase bookworm "$root" \
    "$(awk '/^URIs:/ {print $2; exit}' /etc/apt/sources.list.d/debian.sources)" >"$root.log"
  cp /etc/resolv.conf "$root/etc/"
  chroot "$root" apt-get update -qq
  chroot "$root" apt-get install -y -qq --no-install-recommends systemd dbus procps curl adduser >>"$root.log" 2>&1
  touch "$root/ready"
fi
everything() { # but the package manager's own notes and what its libraries bring
  (cd "$root" && find etc usr/bin usr/lib/systemd lib/systemd usr/share/man usr/share/doc var/lib/albicilla \
    -path '*albicilla*' 2>/dev/null | sort; grep albicilla etc/passwd etc/group || true)
}
before=$(everything)
[ -z "$before" ] || fail "not a fresh system: $before"

echo "# installed"
cp "$deb" "$root/var/tmp/albicilla.deb"
chroot "$root" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
  /var/tmp/albicilla.deb >"$root.install" 2>&1 || { cat "$root.install" >&2; fail "apt-get install"; }
chroot "$root" dpkg -i /var/tmp/albicilla.deb >>"$root.install" 2>&1 || fail "dpkg -i over itself"
for program in albicilla-proxy albicilla-sink albicilla-conv albicilla-verify; do
  chroot "$root" "$program" --version >/dev/null || fail "$program does not run"
  ls "$root/usr/share/man/man1/$program.1"* >/dev/null || fail "no manual page of $program"
done
verified=$(chroot "$root" systemd-analyze verify --man=no /lib/systemd/system/albicilla-proxy.service \
  /lib/systemd/system/albicilla-sink.service 2>&1 | grep -i albicilla || true)
[ -z "$verified" ] || fail "systemd-analyze: $verified"
cp "$bin/mock-provider" "$root/usr/local/bin/"

echo "# booted"
cat >"$root.boot.sh" <<'BOOT'
set -eu
root=$1
mount --make-rprivate /
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/sys/fs/cgroup"
mkdir "$root/sys/fs/cgroup/systemd"
mount -t cgroup -o none,name=systemd cgroup "$root/sys/fs/cgroup/systemd"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for device in null zero full random urandom tty; do
  touch "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
ip link set lo up
exec env -i container=docker PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "$root" /lib/systemd/systemd \
  --log-target=console --show-status=false
BOOT
unshare --pid --fork --kill-child --mount --uts --ipc --net --cgroup sh "$root.boot.sh" "$root" >"$root.boot" 2>&1 &
boot=$!
# What the boot mounts is seen by it alone and goes with it.
trap 'kill -KILL $boot 2>/dev/null || true; wait' EXIT
for _ in $(seq 100); do
  init=$(cat "/proc/$boot/task/$boot/children" 2>/dev/null | tr -d ' ') || true
  [ -n "$init" ] && grep -qs systemd "/proc/$init/comm" && break
  sleep 0.2
done
inside() { nsenter --target "$init" --all --root --wd env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"; }
until_ok() { # seconds, command...
  local end=$((SECONDS + $1)); shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || { inside journalctl -u 'albicilla*' --no-pager | tail -n 15 >&2; fail "never: $*"; }
    sleep 0.2
  done
}
until_ok 30 inside systemctl list-units

echo "# services"
# A machine that lets nobody make device nodes cannot give a service devices of its own.
if ! inside systemd-run --quiet --wait -p PrivateDevices=yes /bin/true 2>/dev/null; then
  echo "  (without PrivateDevices, which this machine does not allow)"
  for unit in proxy sink; do
    inside sh -ec 'mkdir -p "$1"; printf "[Service]\nPrivateDevices=no\n" >"$1/drill.conf"' sh \
      "/run/systemd/system/albicilla-$unit.service.d"
  done
  inside systemctl daemon-reload
fi
inside systemd-run --quiet --unit mock /usr/local/bin/mock-provider --port 8080
printf 'PROXY_UPSTREAM_ENDPOINT=http://127.0.0.1:8080\nPROXY_REQUIRE_SESSION_HEADER=false\n' >>"$root/etc/albicilla/proxy.env"
inside systemctl start albicilla-proxy ||
  { inside systemctl status --no-pager albicilla-proxy >&2; fail "the proxy does not start"; }
until_ok 30 inside curl -fsS http://127.0.0.1:9000/readyz
ask() {
  inside curl -fsS http://127.0.0.1:9000/v1/chat/completions -H 'agent-session-id: booted' \
    -H 'Content-Type: application/json' -d '{"model":"m","messages":[{"role":"user","content":"Hi"}]}'
}
ask >/dev/null || fail "no answer"
logged() { [ "$(cat "$root"/var/lib/albicilla/proxy_logs/20*/booted.jsonl | wc -l)" -eq "$1" ]; }
until_ok 20 logged 1
[ "$(inside ps -o user= -C albicilla-proxy | sort -u)" = albicil+ ] || inside ps -o user= -C albicilla-proxy | grep -q albicilla ||
  fail "it runs as $(inside ps -o user= -C albicilla-proxy | sort -u)"
inside systemctl reload albicilla-proxy
inside systemctl kill --kill-whom=main --signal KILL albicilla-proxy
until_ok 30 inside curl -fsS http://127.0.0.1:9000/readyz
ask >/dev/null || fail "no answer after a kill"
until_ok 20 logged 2
inside systemctl stop albicilla-proxy
inside systemctl start albicilla-sink
until_ok 20 inside curl -fsS http://127.0.0.1:9001/healthz
[ "$(inside systemctl is-failed albicilla-sink albicilla-proxy | sort -u | tr '\n' ' ')" != failed ] || fail "a unit failed"
inside systemctl enable albicilla-sink albicilla-proxy 2>/dev/null

echo "# removed"
inside dpkg -r albicilla >"$root.remove" 2>&1 || { cat "$root.remove" >&2; fail "dpkg -r"; }
[ "$(inside systemctl is-active albicilla-sink)" != active ] || fail "the sink still runs"
[ -e "$root/var/lib/albicilla/proxy_logs" ] || fail "the logs are gone"
inside dpkg -P albicilla >>"$root.remove" 2>&1 || { cat "$root.remove" >&2; fail "dpkg -P"; }
kill -KILL $boot 2>/dev/null || true
wait $boot 2>/dev/null || true
while [ -e "/proc/$init" ]; do sleep 0.1; done
left=$(everything | grep -vE '^(var/lib/albicilla|etc/passwd:|etc/group:)' || true)
[ -z "$left" ] || fail "left: $left"
# Without logs the user goes as well.
rm -rf "$root/var/lib/albicilla" "$root/usr/local/bin/mock-provider"
chroot "$root" dpkg -i /var/tmp/albicilla.deb >>"$root.remove" 2>&1 || fail "dpkg -i again"
chroot "$root" dpkg -P albicilla >>"$root.remove" 2>&1 || fail "dpkg -P again"
left=$(everything)
[ -z "$left" ] || fail "left: $left"
rm -f "$root/var/tmp/albicilla.deb" "$root.boot.sh"
echo "installed, booted, asked, removed: nothing is left but the logs and who owns them"
