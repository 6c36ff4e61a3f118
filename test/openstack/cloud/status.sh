#!/bin/bash
# What up.sh started: pid, port, state and memory (MiB, PSS: shared pages count once).
# Exit status 1 if something of it does not run.
set -u
. "$(dirname "$0")/common.sh"
total=0 down=0
for f in "$STATE"/pids/*; do
  [ -f "$f" ] || die "nothing is recorded in $STATE"
  name=${f##*/}
  read -r pid _ < "$f"
  var=$(awk -v process="$name" '$2 == process {print $1; exit}' <<< "$PORTS")
  port=$([ -z "$var" ] || remembered "$var")
  if alive "$name"; then
    kib=0
    for p in $(members "$name"); do
      n=$(awk '/^Pss:/ {print $2}' "/proc/$p/smaps_rollup" 2>/dev/null)
      kib=$((kib + ${n:-0}))
    done
    total=$((total + kib))
    printf '%-24s %7d %5s up   %5d\n' "$name" "$pid" "$port" $((kib / 1024))
  else
    down=1
    printf '%-24s %7d %5s DOWN\n' "$name" "$pid" "$port"
  fi
done
printf '%-24s %7s %5s      %5d\n' total '' '' $((total / 1024))
exit $down
