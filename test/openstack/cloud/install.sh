#!/bin/bash
# Installs what up.sh needs on Debian 12 (bookworm).  Safe to repeat; needs root the
# first time.
#
# No OpenStack daemon package is configured (no debconf questions, no /etc/nova, no init
# scripts): their Python libraries come with apt, and the few files which the daemon
# packages add (console scripts, api-paste.ini) are only unpacked into
# $FENIX_OPENSTACK_PKGS, where up.sh uses them.
set -euo pipefail
PKGS=${FENIX_OPENSTACK_PKGS:-/opt/fenix-openstack}
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
export PATH=/usr/sbin:/usr/bin:/sbin:/bin

say() { printf 'install.sh: [%3ds] %s\n' $SECONDS "$*"; }
die() { say "$*" >&2; exit 1; }

LIBRARIES="python3-keystone python3-nova python3-placement python3-glance
           python3-aodh python3-ceilometer"
APT="$LIBRARIES
     rabbitmq-server mariadb-server-core mariadb-client memcached
     uwsgi-core uwsgi-plugin-python3
     python3-pymysql python3-kombu python3-memcache python3-requests
     python3-openstackclient python3-aodhclient python3-novaclient python3-keystoneauth1
     openssl procps util-linux"
UNPACK="keystone nova-common nova-api nova-scheduler nova-conductor nova-compute
        placement-common placement-api glance-common glance-api
        aodh-common aodh-api ceilometer-common ceilometer-agent-notification"

status_of() { dpkg-query -W -f '${Status}' "$1" 2>/dev/null || true; }

missing_packages() {
  local p
  for p in $APT; do
    [ "$(status_of "$p")" = 'install ok installed' ] || printf '%s ' "$p"
  done
}

# Versions of the installed libraries, which the unpacked files have to match.
library_versions() { dpkg-query -W -f '${Package} ${Version}\n' $LIBRARIES; }

# The lists' own time stamps are the archive's (months, for a stable release), so the
# time of our last update is kept here.
lists_are_fresh() {
  ls /var/lib/apt/lists/*_Packages* > /dev/null 2>&1 &&
    [ -n "$(find "$PKGS/.lists-updated" -mmin -1440 2>/dev/null)" ]
}

# An unreachable third-party source must not keep us from trying.
update_lists() {
  say "apt-get update"
  apt-get update -q -o Acquire::Retries=3 > /dev/null || say "apt-get update failed, going on"
  mkdir -p "$PKGS"
  touch "$PKGS/.lists-updated"
}

# Once more with new lists: a mirror drops old versions at any moment.
retry() { "$@" || { say "failed, once more: $1"; update_lists; sleep 5; "$@"; }; }

# Nothing that is installed here may start a daemon.
POLICY=/usr/sbin/policy-rc.d POLICY_MARK='# made by fenix install.sh'
forbid_daemons() {
  [ ! -e $POLICY ] || grep -qF "$POLICY_MARK" $POLICY || return 0
  printf '#!/bin/sh\n%s\nexit 101\n' "$POLICY_MARK" > $POLICY
  chmod 755 $POLICY
  trap 'rm -f $POLICY' EXIT
}

apt_install() {
  # --no-remove: never take away what someone else has installed.
  apt-get install -y -q --no-install-recommends --no-remove \
    -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 \
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@"
}

install_missing() {
  # What an interrupted dpkg has left; apt installs nothing before it is repaired.
  dpkg --configure -a > /dev/null 2>&1 || true
  apt-get check -q -o DPkg::Lock::Timeout=600 > /dev/null 2>&1 || apt_install --fix-broken || true
  apt_install $(missing_packages) || true
  # A broken package of someone else makes apt-get fail, too: look at ours instead.
  [ -z "$(missing_packages)" ]
}

unpack() {
  local tmp d
  mkdir -p "$PKGS"
  tmp=$(mktemp -d "$PKGS.XXXXXX")
  mkdir "$tmp/debs" "$tmp/root"
  # (the grep drops apt's remark that it downloads as root)
  (cd "$tmp/debs" && apt-get download -q -o Acquire::Retries=3 $UNPACK \
    2> >(grep -v unsandboxed >&2)) || { rm -rf "$tmp"; return 1; }
  for d in "$tmp"/debs/*.deb; do dpkg -x "$d" "$tmp/root" || return 1; done
  library_versions > "$tmp/root/.versions"
  touch "$tmp/root/.lists-updated"
  chmod 755 "$tmp/root"
  rm -rf "$PKGS"
  mv "$tmp/root" "$PKGS"
  rm -rf "$tmp"
}

[ "$(. /etc/os-release; echo "${VERSION_CODENAME:-}")" = bookworm ] ||
  say "this is not Debian 12: other versions may need other options"

missing=$(missing_packages)
if [ -z "$missing" ]; then
  say "apt packages are installed"
else
  [ "$(id -u)" = 0 ] || die "run me as root, to install: $missing"
  say "apt installs: $missing"
  forbid_daemons
  lists_are_fresh || update_lists
  retry install_missing || die "not installed: $(missing_packages)"
fi

if [ "$(cat "$PKGS/.versions" 2>/dev/null)" = "$(library_versions)" ]; then
  say "$PKGS is up to date"
else
  retry unpack || die "could not download the packages to unpack"
  say "unpacked $(echo $UNPACK | wc -w) packages into $PKGS"
fi
say "done"
