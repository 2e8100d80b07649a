#!/bin/sh
# Starts as root only to hand a fresh, empty mount to the service's user; then drops to it.
# A mount that is not empty and belongs to somebody else is not touched: the start stops with one
# clear line instead.
set -eu
user=albicilla

if [ "$(id -u)" -eq 0 ]; then
  for directory in ${ALBICILLA_DIRS:-/app /app/proxy_logs /app/data /app/spool}; do
    [ -d "$directory" ] || continue
    [ "$(stat -c %U "$directory")" = "$user" ] && continue
    if [ -z "$(ls -A "$directory")" ]; then
      chown "$user:$user" "$directory"
    elif ! setpriv --reuid="$user" --regid="$user" --init-groups test -w "$directory"; then
      echo "albicilla: $directory belongs to $(stat -c %U:%G "$directory") and is not empty: run 'chown -R $(id -u $user):$(id -g $user)' on it, or start the container with --user $(stat -c %u:%g "$directory")" >&2
      exit 1
    fi
  done
  exec setpriv --reuid="$user" --regid="$user" --init-groups --no-new-privs "$@"
fi
exec "$@"
