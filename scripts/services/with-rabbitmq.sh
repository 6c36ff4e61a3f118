#!/bin/bash
# Runs a command with a RabbitMQ of its own: with-rabbitmq.sh COMMAND...
# The command finds it in FENIX_TEST_RABBITMQ_URL, and in FENIX_TEST_RABBITMQ_STOP and FENIX_TEST_RABBITMQ_START two
# commands that stop and start the broker (FENIX_TEST_RABBITMQ_RESTART does both). Where the URL is set already, that
# broker is used and none is started.
set -euo pipefail
. "$(dirname "$0")/common.sh"

[ $# -gt 0 ] || service_die "usage: with-rabbitmq.sh COMMAND..."
if [ -n "${FENIX_TEST_RABBITMQ_URL:-}" ]; then exec "$@"; fi

install_packages rabbitmq-server
dir=$(mktemp -d /tmp/fenix-rabbitmq.XXXXXX)

cleanup() {
  # A broker that never started has no script, and one that is stopped no process.
  if [ -x "$dir/control" ]; then "$dir/control" stop || true; fi
  if [ -f "$dir/epmd.pid" ]; then kill "$(cat "$dir/epmd.pid")" 2>/dev/null || true; fi
  rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

{ read -r port; read -r dist_port; read -r epmd_port; } < <(free_ports 3)
password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')

cat > "$dir/rabbitmq.conf" <<END
listeners.tcp.local = 127.0.0.1:$port
default_user = fenix
default_pass = $password
default_permissions.configure = .*
default_permissions.read = .*
default_permissions.write = .*
loopback_users = none
log.console = true
log.file = false
END
echo '[].' > "$dir/plugins"

# One file that knows how to start and stop this broker, so that a test can do it too.
cat > "$dir/control" <<END
#!/bin/bash
set -euo pipefail
. "$(cd "$(dirname "$0")" && pwd)/common.sh"
dir=$dir
start() {
  env HOME="$dir" ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_PORT=$epmd_port RABBITMQ_CONF_ENV_FILE=/dev/null \\
    RABBITMQ_NODENAME=fenix-$port@localhost RABBITMQ_CONFIG_FILE="$dir/rabbitmq.conf" \\
    RABBITMQ_ENABLED_PLUGINS_FILE="$dir/plugins" RABBITMQ_MNESIA_BASE="$dir/data" RABBITMQ_LOG_BASE="$dir" \\
    RABBITMQ_PID_FILE="$dir/server-name.pid" RABBITMQ_DIST_PORT=$dist_port \\
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='+S 2:2 +sbwt none -kernel inet_dist_use_interface {127,0,0,1}' \\
    setsid /usr/lib/rabbitmq/bin/rabbitmq-server </dev/null >>"$dir/server.log" 2>&1 &
  echo \$! > "$dir/server.pid"
  wait_for_port $port 90 "\$(cat "$dir/server.pid")" "$dir/server.log"
}
stop() {
  [ -f "$dir/server.pid" ] || return 0
  # The process group of the setsid above: the script and the Erlang machine that it became.
  local pid i
  pid=\$(cat "$dir/server.pid")
  kill -TERM -- "-\$pid" 2>/dev/null || true
  for ((i = 0; i < 150; i++)); do
    kill -0 -- "-\$pid" 2>/dev/null || break
    sleep 0.1
  done
  kill -KILL -- "-\$pid" 2>/dev/null || true
  rm -f "$dir/server.pid"
}
case \$1 in
  start) start ;;
  stop) stop ;;
  restart) stop; start ;;
esac
END
chmod 755 "$dir/control"

ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_PORT=$epmd_port epmd > "$dir/epmd.log" 2>&1 &
echo $! > "$dir/epmd.pid"
wait_for_port "$epmd_port" 20 "$(cat "$dir/epmd.pid")" "$dir/epmd.log"
"$dir/control" start

export FENIX_TEST_RABBITMQ_URL="rabbit://fenix:$password@127.0.0.1:$port/"
export FENIX_TEST_RABBITMQ_STOP="$dir/control stop"
export FENIX_TEST_RABBITMQ_START="$dir/control start"
export FENIX_TEST_RABBITMQ_RESTART="$dir/control restart"
"$@"
