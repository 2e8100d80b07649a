# For the measurements of this folder, which source it.
# wait_for FILE PATTERN: what the pattern's group found.
wait_for() {
  local found
  for _ in $(seq 600); do
    found=$(sed -nE "s/.*$2.*/\\1/p" "$1" | head -1)
    [ -z "$found" ] || { echo "$found"; return; }
    sleep 0.1
  done
  echo "${0##*/}: $1 never said $2" >&2
  return 1
}
