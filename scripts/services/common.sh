# Sourced by the with-*.sh scripts: packages, free ports, waiting.

service_die() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; exit 1; }

# install_packages NAME...: from Debian, without starting any service of theirs.
install_packages() {
  local name missing=() policy=/usr/sbin/policy-rc.d made_policy=
  for name in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || missing+=("$name")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  [ "$(id -u)" = 0 ] || service_die "install ${missing[*]} first (only root can do it from here)"
  # A package's start script asks this file first; 101 means "do not start".
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' > "$policy"
    chmod 755 "$policy"
    made_policy=yes
  fi
  {
    apt-get update -qq &&
      DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
  } >&2 || service_die "could not install ${missing[*]}"
  if [ -n "$made_policy" ]; then rm -f "$policy"; fi
}

# free_ports COUNT: that many loopback ports that nobody listens on, each on a line of its own.
free_ports() {
  node -e '
    const net = require("node:net");
    const servers = Array.from({ length: Number(process.argv[1]) }, () => net.createServer().listen(0, "127.0.0.1"));
    Promise.all(servers.map((server) => new Promise((resolve) => server.once("listening", resolve)))).then(() => {
      for (const server of servers) { console.log(server.address().port); server.close(); }
    });' "$1"
}

# wait_for_port PORT SECONDS PID LOG: until PORT accepts connections; gives up when the process ends.
wait_for_port() {
  local i
  for ((i = 0; i < $2 * 10; i++)); do
    if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then return 0; fi
    if ! kill -0 "$3" 2>/dev/null; then break; fi
    sleep 0.1
  done
  tail -n 30 "$4" >&2
  service_die "no server on port $1"
}
