#!/usr/bin/env bash
# Runs a command that checks the packaging (npm run test:packaging), with Debian's docker-compose and systemd at hand:
# neither an engine nor a running systemd is needed.
set -euo pipefail
. "$(dirname "$0")/../services/common.sh"

[ $# -gt 0 ] || service_die "usage: run.sh COMMAND..."
packages=()
command -v docker-compose > /dev/null || packages+=(docker-compose)
command -v systemd-analyze > /dev/null || packages+=(systemd)
[ ${#packages[@]} -eq 0 ] || install_packages "${packages[@]}"
exec "$@"
