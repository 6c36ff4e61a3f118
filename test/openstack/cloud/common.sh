# Sourced by up.sh, down.sh, seed.sh and status.sh: settings, ports and process bookkeeping.

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export FENIX_OPENSTACK_DIR=${FENIX_OPENSTACK_DIR:-/tmp/fenix-openstack}
export FENIX_OPENSTACK_PASSWORD=${FENIX_OPENSTACK_PASSWORD:-fenix-secret}  # every account's
# Absolute and without symbolic links, as /proc shows it.
FENIX_OPENSTACK_DIR=$(realpath -m "$FENIX_OPENSTACK_DIR")
STATE=$FENIX_OPENSTACK_DIR PASSWORD=$FENIX_OPENSTACK_PASSWORD
PKGS=${FENIX_OPENSTACK_PKGS:-/opt/fenix-openstack}
IP=127.0.0.1

# Debian's Python, also where some other python3 comes first in PATH.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PKGS/usr/bin LC_ALL=C.UTF-8
unset PYTHONPATH PYTHONHOME PYENV_VERSION http_proxy https_proxy HTTP_PROXY HTTPS_PROXY
export no_proxy=127.0.0.1,localhost

say() { printf '%s: [%3ds] %s\n' "$(basename "$0")" $SECONDS "$*"; }
die() { say "$*" >&2; exit 1; }

# --------------------------------------------------------------------------- ports

# Service, as in PORT_<NAME>, and the process that listens there.  Nothing is started
# at MAINTENANCE: that port is for the server under test.
PORTS='KEYSTONE keystone
NOVA nova-api
PLACEMENT placement
GLANCE glance
AODH aodh-api
NETWORK nullnet
RABBIT rabbitmq
RABBIT_DIST rabbitmq
EPMD epmd
MYSQL mariadb
MEMCACHED memcached
MAINTENANCE -'

port_taken() { (exec 3<>"/dev/tcp/$IP/$1") 2>/dev/null; }

# Below the kernel's ephemeral ports (32768 and up), where any outgoing connection could
# take a port between two runs.
free_port() {
  local p i
  for ((i = 0; i < 1000; i++)); do
    p=$((20000 + RANDOM % 12000))
    [[ " $* " == *" $p "* ]] || port_taken $p || { echo $p; return; }
  done
  return 1
}

# remembered NAME: the port that an earlier up.sh chose for NAME, if any.
remembered() { [ ! -f "$STATE/ports" ] || sed -n "s/^PORT_$1=//p" "$STATE/ports"; }

# Sets and exports every PORT_<NAME>: as the caller has set it, or as remembered, or a
# free one.  A remembered port that a stranger has taken since is given up, unless parts
# of this cloud, which know that port, still run.
choose_ports() {
  local name process var port old running= chosen=()
  any_alive && running=1
  while read -r name process; do
    var=PORT_$name
    port=${!var:-} old=$(remembered "$name")
    if [ -n "$port" ]; then
      [[ $port =~ ^[1-9][0-9]*$ ]] || die "$var is not a port number: $port"
      [ -z "$running" ] || [ -z "$old" ] || [ "$port" = "$old" ] ||
        die "this cloud runs with $var=$old: run down.sh before you change it"
    else
      port=$old
      if [ -n "$port" ] && [ -z "$running" ] && [ "$process" != - ] && port_taken "$port"; then
        say "port $port of $name is taken now, choosing another"
        port=
      fi
    fi
    [ -n "$port" ] || port=$(free_port "${chosen[@]}") || die "no free port for $name"
    # Refuse to share a port with a stranger.
    [ "$process" = - ] || alive "$process" || ! port_taken "$port" ||
      die "port $port ($var) is taken, and not by $process of $STATE"
    [[ " ${chosen[*]} " != *" $port "* ]] || die "port $port is given to two services"
    chosen+=("$port")
    export "$var=$port"
  done <<< "$PORTS"
  while read -r name process; do
    var=PORT_$name
    echo "$var=${!var}"
  done <<< "$PORTS" > "$STATE/ports.new"
  mv "$STATE/ports.new" "$STATE/ports"
}

# ----------------------------------------------------------------------- processes
#
# Each service is the leader of a session of its own, with its working directory below
# the state directory.  pids/<name> holds the leader's pid and its start.

BOOT=$(cat /proc/sys/kernel/random/boot_id)

# Start of a process, unique over reboots: a recycled pid must never be killed.  Nothing
# for a zombie, which stays where no init collects it.
start_of() {
  local state rest ticks
  read -r state rest < <(sed 's/^.*) //' "/proc/$1/stat" 2>/dev/null) || return 0
  ticks=$(cut -d' ' -f19 <<< "$rest")
  [[ $state == [ZX] ]] || echo "$BOOT-$ticks"
}

# alive NAME: is the process recorded for NAME still the one that runs?
alive() {
  local pid stamp
  [ -f "$STATE/pids/$1" ] && read -r pid stamp < "$STATE/pids/$1" || return 1
  [ -n "$stamp" ] && [ "$(start_of "$pid")" = "$stamp" ]
}

any_alive() {
  local f
  for f in "$STATE"/pids/*; do alive "${f##*/}" && return 0; done
  return 1
}

# members NAME: pids of the service's session, also when its leader was killed and has
# left children behind.  As long as they live the kernel gives the session's number to
# nobody else; the working directory tells them from a later session with that number.
members() {
  local pid stamp p cwd
  [ -f "$STATE/pids/$1" ] && read -r pid stamp < "$STATE/pids/$1" || return 0
  [ "${stamp%-*}" = "$BOOT" ] || return 0
  for p in $(ps -o pid= -s "$pid"); do
    cwd=$(readlink "/proc/$p/cwd") || continue
    if [ "$p" = "$pid" ] && alive "$1" || [[ $cwd/ == "$STATE"/* ]]; then echo "$p"; fi
  done
}

# start NAME COMMAND...: run in the background unless it runs already.
start() {
  local name=$1 pid; shift
  alive "$name" && return 0
  (cd "$STATE/run" && exec setsid "$@" </dev/null >>"$STATE/log/$name.log" 2>&1 9>&-) &
  pid=$!
  echo "$pid $(start_of $pid)" > "$STATE/pids/$name"
  disown $pid
}

# stop NAME [SECONDS]: TERM to every process of the service, KILL after SECONDS.
stop() {
  local name=$1 pids end=$((SECONDS + ${2:-15}))
  pids=$(members "$name")
  [ -z "$pids" ] || kill -TERM $pids 2>/dev/null || true
  while pids=$(members "$name"); [ -n "$pids" ]; do
    if [ $SECONDS -ge $end ]; then
      say "$name does not stop, killing it"
      kill -KILL $pids 2>/dev/null || true
      end=$((SECONDS + 15))
    fi
    sleep 0.2
  done
  rm -f "$STATE/pids/$name"
}

# wait_port NAME PORT [SECONDS]: until the service started as NAME accepts connections.
wait_port() {
  local end=$((SECONDS + ${3:-300}))
  while [ $SECONDS -lt $end ]; do
    port_taken "$2" && return 0
    alive "$1" || die "$1 died, see $STATE/log/$1.log"
    sleep 0.2
  done
  die "$1 does not listen on $IP:$2, see $STATE/log/$1.log"
}
