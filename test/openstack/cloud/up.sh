#!/bin/bash
# Starts a small real OpenStack on 127.0.0.1: see README.md.
# Usage: up.sh [--computes N] [--tokens fernet|jws]
set -euo pipefail
. "$(dirname "$0")/common.sh"

computes= tokens=
while [ $# -gt 0 ]; do
  case $1 in
    --computes) computes=${2:-0}; shift $(($# > 1 ? 2 : 1)) ;;
    --tokens) tokens=${2:-none}; shift $(($# > 1 ? 2 : 1)) ;;
    *) die "usage: up.sh [--computes N] [--tokens fernet|jws]" ;;
  esac
done
[[ $computes =~ ^([1-9][0-9]*)?$ ]] || die "--computes needs a number"
[[ $tokens =~ ^(fernet|jws)?$ ]] || die "--tokens is fernet or jws"
[ -x "$PKGS/usr/bin/nova-compute" ] || die "run install.sh first"
[ ! -e "$STATE" ] || [ -f "$STATE/.fenix-openstack" ] || [ -z "$(ls -A "$STATE")" ] ||
  die "$STATE is in use by something else"

me=$(id -un)
mkdir -p "$STATE"/{etc,log,pids,run,home,faults,glance/images,nova,rabbit}
chmod 755 "$STATE"
touch "$STATE/.fenix-openstack"
# One up.sh at a time; also waits for the database migrations of one that was killed.
exec 9> "$STATE/run/up.lock"
flock -w 300 9 || die "another up.sh works on $STATE"

# A second up.sh on the same state keeps computes and token format unless told otherwise.
known=$(cat "$STATE/etc/computes" 2>/dev/null || echo 0)
[ "$known" = 0 ] || [ "${computes:-$known}" -ge "$known" ] ||
  die "$STATE has $known computes, run down.sh --wipe first"
[ -n "$computes" ] || { [ "$known" = 0 ] && computes=4 || computes=$known; }
echo "$computes" > "$STATE/etc/computes"
tokens=${tokens:-$(cat "$STATE/etc/tokens" 2>/dev/null || echo fernet)}
if alive keystone && [ "$tokens" != "$(cat "$STATE/etc/tokens")" ]; then
  die "keystone already runs with $(cat "$STATE/etc/tokens") tokens, run down.sh first"
fi
echo "$tokens" > "$STATE/etc/tokens"

# Every process gets a HOME of its own: oslo.config finds ~/.<project>/<project>.conf.
export HOME=$STATE/home

# Children of a killed leader may still hold its port.
for f in "$STATE"/pids/*; do
  [ ! -f "$f" ] || alive "${f##*/}" || stop "${f##*/}"
done
choose_ports
TRANSPORT_URL=rabbit://openstack:$PASSWORD@$IP:$PORT_RABBIT/

# What a site uses is what is used here.
PACKAGING=$(cd "$HERE/../../../packaging" && pwd)

# ---------------------------------------------------------------- configuration

databases=(keystone nova_api nova nova_cell0 placement glance aodh)
db() { echo "mysql+pymysql://openstack:$PASSWORD@$IP:$PORT_MYSQL/$1?charset=utf8"; }

database() { cat <<END
connection = $(db "$1")
max_pool_size = 5
max_overflow = 20
END
}

authtoken() { cat <<END
[keystone_authtoken]
www_authenticate_uri = http://$IP:$PORT_KEYSTONE/v3
$(credentials "$1")
service_token_roles_required = true
memcached_servers = $IP:$PORT_MEMCACHED
END
}

credentials() { cat <<END
auth_url = http://$IP:$PORT_KEYSTONE/v3
auth_type = password
username = $1
password = $PASSWORD
user_domain_id = default
project_name = service
project_domain_id = default
region_name = RegionOne
END
}

write_config() {
  local e=$STATE/etc n
  mkdir -p "$e"/{keystone,nova,placement,glance} "$HOME"/{.aodh,.ceilometer}

  cat > "$e/rabbitmq.conf" <<END
listeners.tcp.local = $IP:$PORT_RABBIT
default_user = openstack
default_pass = $PASSWORD
default_permissions.configure = .*
default_permissions.read = .*
default_permissions.write = .*
loopback_users = none
log.console = true
log.file = false
END
  echo '[].' > "$e/rabbitmq-plugins"

  cat > "$e/keystone/keystone.conf" <<END
[database]
$(database keystone)
[token]
provider = $tokens
[fernet_tokens]
key_repository = $STATE/keystone/fernet-keys
# Without keys keystone does not start, although nobody gets a receipt here.
[fernet_receipts]
key_repository = $STATE/keystone/fernet-keys
[credential]
key_repository = $STATE/keystone/credential-keys
[jwt_tokens]
jws_public_key_repository = $STATE/keystone/jws-keys/public
jws_private_key_repository = $STATE/keystone/jws-keys/private
# Without a cache keystone makes some hundred SQL queries per request.
[cache]
enabled = true
backend = dogpile.cache.memcached
memcache_servers = $IP:$PORT_MEMCACHED
END

  cat > "$e/placement/placement.conf" <<END
[api]
auth_strategy = keystone
[placement_database]
$(database placement)
$(authtoken placement)
END

  cp "$PKGS/usr/share/glance-common/glance-api-paste.ini" "$e/glance/"
  cat > "$e/glance/glance-api.conf" <<END
[DEFAULT]
bind_host = $IP
bind_port = $PORT_GLANCE
workers = 0
node_staging_uri = file://$STATE/glance/staging
transport_url = $TRANSPORT_URL
[database]
$(database glance)
$(authtoken glance)
[paste_deploy]
flavor = keystone
config_file = $e/glance/glance-api-paste.ini
[glance_store]
stores = file
default_store = file
filesystem_store_datadir = $STATE/glance/images
[oslo_concurrency]
lock_path = $STATE/run
END

  cp "$PKGS/usr/share/nova-common/api-paste.ini" "$e/nova/"
  cat > "$e/nova/nova.conf" <<END
[DEFAULT]
transport_url = $TRANSPORT_URL
state_path = $STATE/nova
my_ip = $IP
compute_driver = fake.FenixTestDriver
# Two 1-vCPU servers fill a 2-vCPU host, nothing is held back for the host.
cpu_allocation_ratio = 1.0
ram_allocation_ratio = 1.0
disk_allocation_ratio = 1.0
reserved_host_memory_mb = 0
reserved_host_disk_mb = 0
# No random wait of up to a minute before the first periodic task.
periodic_fuzzy_delay = 0
# Migrations wait in VERIFY_RESIZE until someone confirms them.
resize_confirm_window = 0
vif_plugging_is_fatal = false
vif_plugging_timeout = 0
max_concurrent_live_migrations = 0
[api]
auth_strategy = keystone
[wsgi]
api_paste_config = $e/nova/api-paste.ini
$(authtoken nova)
[service_user]
send_service_user_token = true
$(credentials nova)
[placement]
$(credentials placement)
[glance]
$(credentials glance)
[neutron]
endpoint_override = http://$IP:$PORT_NETWORK
$(credentials nova)
[scheduler]
workers = 1
# Maps new computes to the cell, instead of nova-manage cell_v2 discover_hosts.
discover_hosts_in_cells_interval = 3
[conductor]
workers = 1
[vnc]
enabled = false
[notifications]
notify_on_state_change = vm_state
[oslo_messaging_notifications]
driver = messagingv2
topics = notifications
[oslo_concurrency]
lock_path = $STATE/run
END
  # Not for nova-compute, which must not know a database.
  cat > "$e/nova/nova-db.conf" <<END
[api_database]
$(database nova_api)
[database]
$(database nova)
END
  printf '[database]\nconnection = %s\n' "$(db nova_cell0)" > "$e/nova/cell0.conf"
  for ((n = 1; n <= computes; n++)); do
    mkdir -p "$STATE/nova/compute-$n"
    cat > "$e/nova/compute-$n.conf" <<END
[DEFAULT]
host = compute-$n
state_path = $STATE/nova/compute-$n
[oslo_concurrency]
lock_path = $STATE/nova/compute-$n
END
  done

  # aodh-api reads its configuration from the default places only (here: HOME).
  cp "$PKGS/usr/share/aodh-common/api-paste.ini" "$HOME/.aodh/"
  cat > "$HOME/.aodh/aodh.conf" <<END
[DEFAULT]
transport_url = $TRANSPORT_URL
debug = true
# Upstream default is 60: a new alarm may then be unknown for a minute.
event_alarm_cache_ttl = 0
[api]
paste_config = $HOME/.aodh/api-paste.ini
[database]
$(database aodh)
$(authtoken aodh)
[service_credentials]
$(credentials aodh)
[oslo_messaging_notifications]
driver = messagingv2
END

  cat > "$HOME/.ceilometer/ceilometer.conf" <<END
[DEFAULT]
transport_url = $TRANSPORT_URL
event_pipeline_cfg_file = $e/event_pipeline.yaml
[event]
definitions_cfg_file = $e/event_definitions.yaml
[notification]
pipelines = event
workers = 1
$(for n in nova openstack fenix; do echo "notification_control_exchanges = $n"; done)
[oslo_messaging_notifications]
driver = messagingv2
topics = notifications
[publisher]
telemetry_secret = $PASSWORD
$(authtoken ceilometer)
[service_credentials]
$(credentials ceilometer)
END
  cp "$PACKAGING"/ceilometer/{event_definitions,event_pipeline}.yaml "$e/"
}

openrc() {  # USER PROJECT
  cat <<END
export OS_AUTH_URL=http://$IP:$PORT_KEYSTONE/v3
export OS_IDENTITY_API_VERSION=3
export OS_AUTH_TYPE=password
export OS_USERNAME=$1
export OS_PASSWORD=$PASSWORD
export OS_PROJECT_NAME=$2
export OS_USER_DOMAIN_ID=default
export OS_PROJECT_DOMAIN_ID=default
export OS_REGION_NAME=RegionOne
export OS_COMPUTE_API_VERSION=2.87
END
}

# ------------------------------------------------------------------- processes

start_mariadb() {
  if [ ! -d "$STATE/mysql" ]; then
    rm -rf "$STATE/mysql.new"
    mariadb-install-db --no-defaults --user="$me" --datadir="$STATE/mysql.new" \
      --auth-root-authentication-method=socket --auth-root-socket-user="$me" \
      --skip-test-db --skip-name-resolve > "$STATE/log/mariadb-install.log" 2>&1 ||
      die "mariadb-install-db failed, see $STATE/log/mariadb-install.log"
    mv "$STATE/mysql.new" "$STATE/mysql"
  fi
  # Durability is switched off: the data is worth nothing and the disk is slow.
  # READ-COMMITTED, because placement's retry after a conflict checks the capacity
  # again in the same transaction: with a repeatable read it sees old usages there,
  # and two servers booted at the same moment may get the same last slot.
  start mariadb mariadbd --no-defaults --user="$me" --datadir="$STATE/mysql" \
    --socket="$STATE/run/mysql.sock" --pid-file="$STATE/run/mysql.pid" \
    --bind-address=$IP --port=$PORT_MYSQL --skip-name-resolve --skip-log-bin \
    --innodb-flush-log-at-trx-commit=0 --innodb-doublewrite=0 --innodb-flush-method=nosync \
    --innodb-buffer-pool-size=128M --innodb-log-file-size=32M --max-connections=500 \
    --transaction-isolation=READ-COMMITTED --character-set-server=utf8mb3
  wait_port mariadb $PORT_MYSQL
  local d
  { echo "CREATE USER IF NOT EXISTS 'openstack'@'%' IDENTIFIED BY '$PASSWORD';"
    for d in "${databases[@]}"; do echo "GRANT ALL ON $d.* TO 'openstack'@'%';"; done
  } | sql
}

rabbit_env=(HOME="$STATE/rabbit" ERL_EPMD_ADDRESS=$IP ERL_EPMD_PORT=$PORT_EPMD
  RABBITMQ_CONF_ENV_FILE=/dev/null RABBITMQ_NODENAME=fenix@localhost
  RABBITMQ_CONFIG_FILE="$STATE/etc/rabbitmq.conf"
  RABBITMQ_ENABLED_PLUGINS_FILE="$STATE/etc/rabbitmq-plugins"
  RABBITMQ_MNESIA_BASE="$STATE/rabbit" RABBITMQ_LOG_BASE="$STATE/log"
  RABBITMQ_PID_FILE="$STATE/run/rabbit.pid" RABBITMQ_DIST_PORT=$PORT_RABBIT_DIST
  RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="+S 2:2 +sbwt none -kernel inet_dist_use_interface {127,0,0,1}")

start_rabbitmq() {
  start epmd env "${rabbit_env[@]}" epmd -address $IP -port $PORT_EPMD
  wait_port epmd $PORT_EPMD
  start rabbitmq env "${rabbit_env[@]}" /usr/lib/rabbitmq/bin/rabbitmq-server
  wait_port rabbitmq $PORT_RABBIT
}

# wsgi NAME PORT PROCESSES THREADS WSGI-FILE [uwsgi option]...
wsgi() {
  local name=$1 port=$2 processes=$3 threads=$4 file=$5; shift 5
  start "$name" uwsgi_python3 --http-socket $IP:$port --wsgi-file "$file" \
    --processes "$processes" --threads "$threads" --enable-threads --master \
    --need-app --die-on-term --no-orphans --thunder-lock --buffer-size 65535 \
    --add-header 'Connection: close' --procname-prefix "$name " "$@"
}

# once NAME COMMAND...: run a setup command unless it has succeeded before.
once() {
  local name=$1; shift
  [ -e "$STATE/run/once-$name" ] && return 0
  "$@" >> "$STATE/log/setup-$name.log" 2>&1 || die "$name failed, see $STATE/log/setup-$name.log"
  touch "$STATE/run/once-$name"
}

sql() { mariadb --no-defaults --socket="$STATE/run/mysql.sock" --user="$me" "$@"; }

# All tables. The migrations take a while, so their result is kept in $PKGS.
setup_schemas() {
  local e=$STATE/etc cache pids=() p n d
  cache=$PKGS/schemas-$( (cat "$PKGS/.versions"; mariadbd --version) | md5sum | cut -c1-12).sql
  # An interrupted migration cannot go on where it stopped.
  for d in "${databases[@]}"; do
    echo "DROP DATABASE IF EXISTS $d; CREATE DATABASE $d;"
  done | sql || return 1
  if [ -f "$cache" ]; then sql < "$cache"; return; fi
  keystone-manage --config-file "$e/keystone/keystone.conf" db_sync & pids+=($!)
  glance-manage --config-file "$e/glance/glance-api.conf" db_sync & pids+=($!)
  { aodh-dbsync && placement-manage --config-file "$e/placement/placement.conf" db sync; } & pids+=($!)
  n="nova-manage --config-file $e/nova/nova.conf --config-file $e/nova/nova-db.conf"
  $n api_db sync & pids+=($!)
  $n db sync --local_cell & pids+=($!)
  $n --config-file "$e/nova/cell0.conf" db sync --local_cell & pids+=($!)
  for p in "${pids[@]}"; do wait "$p" || return 1; done
  mariadb-dump --no-defaults --socket="$STATE/run/mysql.sock" --user="$me" \
    --databases "${databases[@]}" > "$STATE/run/schemas.sql"
  cp "$STATE/run/schemas.sql" "$cache.new" 2>/dev/null && mv "$cache.new" "$cache" || true
}

# What keystone-manage fernet_setup, credential_setup and create_jws_keypair make.
setup_keys() {
  local d j=$STATE/keystone/jws-keys
  mkdir -p "$STATE"/keystone/{fernet-keys,credential-keys} "$j"/{public,private}
  chmod 700 "$STATE"/keystone/{fernet-keys,credential-keys} "$j/private"
  for d in fernet-keys credential-keys; do
    openssl rand -base64 32 | tr '+/' '-_' > "$STATE/keystone/$d/0"
    openssl rand -base64 32 | tr '+/' '-_' > "$STATE/keystone/$d/1"
  done
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 > "$j/private/private.pem"
  openssl pkey -in "$j/private/private.pem" -pubout > "$j/public/public.pem"
  cp "$j/public/public.pem" "$STATE/jws-public.pem"
}

setup_keystone() {
  local url=http://$IP:$PORT_KEYSTONE/v3
  keystone-manage --config-file "$STATE/etc/keystone/keystone.conf" bootstrap \
    --bootstrap-password "$PASSWORD" --bootstrap-region-id RegionOne \
    --bootstrap-admin-url $url --bootstrap-internal-url $url --bootstrap-public-url $url
}

# What nova-manage cell_v2 map_cell0 and create_cell write.  Every time: the ports may
# be others than before.
setup_cells() {
  sql nova_api <<END
INSERT INTO cell_mappings (uuid, name, transport_url, database_connection, disabled) VALUES
  ('00000000-0000-0000-0000-000000000000', 'cell0', 'none:///', '$(db nova_cell0)', 0),
  ('00000000-0000-0000-0000-000000000001', 'cell1', '$TRANSPORT_URL', '$(db nova)', 0)
ON DUPLICATE KEY UPDATE transport_url = VALUES(transport_url),
  database_connection = VALUES(database_connection);
END
}

# The server under test, as a site registers it. Once for each port: the client takes its time.
register_server() {
  local url=http://$IP:$PORT_MAINTENANCE/v1 done=$STATE/run/registered
  [ "$(cat "$done" 2>/dev/null)" != "$url" ] || return 0
  (. "$STATE/openrc-admin" && FENIX_KEYSTONE_PASSWORD=$PASSWORD "$PACKAGING/keystone/register.sh" "$url") \
    >> "$STATE/log/register.log" 2>&1 || die "register.sh failed, see $STATE/log/register.log"
  echo "$url" > "$done"
}

# ------------------------------------------------------------------------ main

say "state in $STATE, $computes computes, $tokens tokens"
write_config
start memcached memcached -u "$me" -l $IP -p $PORT_MEMCACHED -U 0 -m 64
start_rabbitmq 9>&- & rabbit=$!
start_mariadb
say "mariadb is up"

once keys setup_keys
once schemas setup_schemas
setup_cells
say "schemas are there"

wsgi keystone $PORT_KEYSTONE 2 4 "$(command -v keystone-wsgi-public)" \
  --env OS_KEYSTONE_CONFIG_DIR="$STATE/etc/keystone" \
  --env OS_KEYSTONE_CONFIG_FILES="$STATE/etc/keystone/keystone.conf"
once keystone setup_keystone
wait_port keystone $PORT_KEYSTONE
say "keystone is up"

# Users, projects, catalog; needed before any other service validates a token.
openrc admin admin > "$STATE/openrc-admin"
openrc doctor doctor > "$STATE/openrc-doctor"
/usr/bin/python3 "$HERE/setup.py" identity
register_server 9>&- & registration=$!
wait $rabbit || exit 1

wsgi placement $PORT_PLACEMENT 1 4 "$(command -v placement-api)" \
  --env OS_PLACEMENT_CONFIG_DIR="$STATE/etc/placement"
start glance glance-api --config-file "$STATE/etc/glance/glance-api.conf"
start nullnet /usr/bin/python3 "$HERE/nullnet.py" $PORT_NETWORK

c="--config-file $STATE/etc/nova/nova.conf"
db="--config-file $STATE/etc/nova/nova-db.conf"
start nova-conductor nova-conductor $c $db
start nova-scheduler nova-scheduler $c $db
for ((n = 1; n <= computes; n++)); do
  start nova-compute-$n env FENIX_OPENSTACK_FAULTS="$STATE/faults" \
    /usr/bin/python3 "$HERE/compute.py" $c --config-file "$STATE/etc/nova/compute-$n.conf"
done
# One thread per process: nova's API is monkey-patched for eventlet.
wsgi nova-api $PORT_NOVA 2 1 "$PKGS/usr/bin/nova-api-wsgi" --lazy-apps \
  --env OS_NOVA_CONFIG_DIR="$STATE/etc/nova" \
  --env 'OS_NOVA_CONFIG_FILES=api-paste.ini;nova.conf;nova-db.conf'

wsgi aodh-api $PORT_AODH 1 4 "$PKGS/usr/share/aodh-common/app.wsgi"
start aodh-listener aodh-listener
start aodh-evaluator aodh-evaluator
start aodh-notifier aodh-notifier
start ceilometer-notification ceilometer-agent-notification

wait_port placement $PORT_PLACEMENT
wait_port glance $PORT_GLANCE
wait_port nova-api $PORT_NOVA
wait_port aodh-api $PORT_AODH
wait_port nullnet $PORT_NETWORK
say "APIs are up"

wait $registration || exit 1
/usr/bin/python3 "$HERE/setup.py" resources "$computes"
say "ready: . $STATE/openrc-admin; or read $STATE/env.json"
