#!/bin/bash
# Stops exactly the processes that up.sh started.  --wipe also removes the state
# directory.  Safe to repeat, and after a crash of anything.
set -u
. "$(dirname "$0")/common.sh"
wipe=
case ${1:-} in
  '') ;;
  --wipe) wipe=1 ;;
  *) die "usage: down.sh [--wipe]" ;;
esac

if [ -d "$STATE/pids" ]; then
  # Everything but the infrastructure first, all at once; the database last.
  for f in "$STATE"/pids/*; do
    case ${f##*/} in rabbitmq | epmd | mariadb | memcached | '*') ;; *) stop "${f##*/}" & ;; esac
  done
  wait
  say "services are stopped"
  stop rabbitmq 60
  stop epmd
  stop memcached
  stop mariadb 120
  say "stopped"
else
  say "nothing is recorded in $STATE"
fi

if [ -n "$wipe" ] && [ -e "$STATE" ]; then
  [ -f "$STATE/.fenix-openstack" ] || die "$STATE was not made by up.sh, not removed"
  rm -rf -- "$STATE" || rm -rf -- "$STATE" || die "$STATE is not removed completely"
  say "removed $STATE"
fi
