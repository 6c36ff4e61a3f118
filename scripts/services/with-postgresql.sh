#!/bin/bash
# Runs a command with a PostgreSQL of its own: with-postgresql.sh COMMAND...
# The command finds it in FENIX_TEST_POSTGRESQL_URL. Where that is set already, that server is used and none is started.
set -euo pipefail
. "$(dirname "$0")/common.sh"

[ $# -gt 0 ] || service_die "usage: with-postgresql.sh COMMAND..."
if [ -n "${FENIX_TEST_POSTGRESQL_URL:-}" ]; then exec "$@"; fi

install_packages postgresql
bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
dir=$(mktemp -d /tmp/fenix-postgresql.XXXXXX)
server=

# PostgreSQL refuses to run as root. Commands, not a function: in the background its process id must be the server's.
owner=(env HOME="$dir")
if [ "$(id -u)" = 0 ]; then owner=(setpriv --reuid=postgres --regid=postgres --clear-groups "${owner[@]}"); fi

cleanup() {
  if [ -n "$server" ] && kill -0 "$server" 2>/dev/null; then
    # INT is PostgreSQL's fast stop: it does not wait for clients.
    kill -INT "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

chmod 755 "$dir"
if [ "$(id -u)" = 0 ]; then chown postgres:postgres "$dir"; fi
port=$(free_ports 1)
password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
printf '%s\n' "$password" > "$dir/password"
chmod 644 "$dir/password"
cd "$dir"
"${owner[@]}" "$bin/initdb" -D "$dir/data" -U fenix -A scram-sha-256 --pwfile="$dir/password" -E UTF8 --locale=C \
  --no-sync > "$dir/initdb.log" 2>&1 || { cat "$dir/initdb.log" >&2; service_die "initdb failed"; }
# Nothing here has to survive a power cut.
"${owner[@]}" "$bin/postgres" -D "$dir/data" -h 127.0.0.1 -p "$port" -k "$dir" -c fsync=off -c full_page_writes=off \
  -c synchronous_commit=off > "$dir/server.log" 2>&1 &
server=$!
wait_for_port "$port" 60 "$server" "$dir/server.log"
cd "$OLDPWD"

export FENIX_TEST_POSTGRESQL_URL="postgres://fenix:$password@127.0.0.1:$port/postgres"
"$@"
