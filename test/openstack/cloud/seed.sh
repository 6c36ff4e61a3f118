#!/bin/bash
# (Re)creates the Doctor scenario; see seed.py.  Needs a cloud started by up.sh.
set -euo pipefail
. "$(dirname "$0")/common.sh"
[ -f "$STATE/env.json" ] || die "no cloud in $STATE: run up.sh first"
exec /usr/bin/python3 "$HERE/seed.py" "$@"
