#!/usr/bin/env bash
# Runs a command against a real OpenStack on this machine: installs what is missing, starts it, seeds Doctor's scenario,
# runs the command, stops what it started. A cloud that ran before keeps running; FENIX_OPENSTACK_KEEP=1 keeps it too.
set -euo pipefail
cloud=$(cd "$(dirname "$0")/cloud" && pwd)
export FENIX_OPENSTACK_DIR=${FENIX_OPENSTACK_DIR:-/tmp/fenix-openstack}

step() {
  local started=$SECONDS
  "$@"
  printf 'test:openstack: %s took %d s\n' "$(basename "$1")" $((SECONDS - started))
}

ran_before=
if "$cloud/status.sh" 2>/dev/null | grep -q ' up '; then ran_before=1; fi
stop_cloud() {
  if [ -z "$ran_before" ] && [ -z "${FENIX_OPENSTACK_KEEP:-}" ]; then "$cloud/down.sh" --wipe; fi
}
trap stop_cloud EXIT

step "$cloud/install.sh"
step "$cloud/up.sh"
"$@"
