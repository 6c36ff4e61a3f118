#!/bin/bash
# Registers fenix-server in Keystone with the openstack client: its user with its roles, the service `fenix` of type
# `maintenance`, and the service's three endpoints. Safe to repeat: creates what is missing, corrects what differs, and
# says what it did. Log in as an admin of the cloud first (OS_... variables or --os-cloud through OS_CLOUD).
#
#   FENIX_KEYSTONE_PASSWORD=... register.sh [OPTION]... http://HOST:12347/v1
#   FENIX_KEYSTONE_PASSWORD=... register.sh [OPTION]... --account-only
#
# The URL is where clients reach the server, /v1 included. Where Fenix is registered already, its endpoints are given
# this URL: from then on clients use this server. --account-only makes the user alone, for trials before that.
set -euo pipefail

user=fenix project=service user_domain=Default project_domain=Default region=${OS_REGION_NAME:-RegionOne}
roles=(admin service) url='' account_only=''

say() { printf 'register.sh: %s\n' "$*"; }
die() { say "$*" >&2; exit 1; }
usage() {
  cat <<'END'
usage: FENIX_KEYSTONE_PASSWORD=... register.sh [OPTION]... {http://HOST:12347/v1 | --account-only}
  --user NAME              fenix
  --user-domain NAME       Default
  --project NAME           service: the project in which the user gets its roles; made when missing
  --project-domain NAME    Default
  --role NAME              in place of admin and service; may be repeated
  --region NAME            that of OS_REGION_NAME, else RegionOne
  --account-only           neither service nor endpoints
END
}

chosen_roles=()
while [ $# -gt 0 ]; do
  case $1 in
    --help | -h) usage; exit 0 ;;
    --account-only) account_only=yes; shift ;;
    --user | --user-domain | --project | --project-domain | --role | --region)
      [ $# -gt 1 ] || die "$1 needs a value"
      case $1 in
        --user) user=$2 ;;
        --user-domain) user_domain=$2 ;;
        --project) project=$2 ;;
        --project-domain) project_domain=$2 ;;
        --role) chosen_roles+=("$2") ;;
        --region) region=$2 ;;
      esac
      shift 2 ;;
    -*) usage >&2; die "there is no option $1" ;;
    *) [ -z "$url" ] || die "one URL only: $url, $1"; url=$1; shift ;;
  esac
done
[ ${#chosen_roles[@]} -eq 0 ] || roles=("${chosen_roles[@]}")
if [ -n "$account_only" ]; then
  [ -z "$url" ] || die "--account-only registers no URL"
else
  [[ $url =~ ^https?://[^/@]+(/.*)?/v1$ ]] || die "the URL must be http://HOST:PORT/v1 (https, and a path before /v1, too), not '$url'"
fi
client=$(command -v openstack) || die "there is no openstack client: install python3-openstackclient"

# The client inside its own interpreter, so that the password is on no command line that others on this machine can read.
create_user() {
  local interpreter
  interpreter=$(sed -n '1s/^#! *//p' "$client")
  [[ $interpreter == *python* ]] || die "$client is no Python script: make the user $user by hand and run this again"
  # Two words for `#!/usr/bin/env python3`.
  # shellcheck disable=SC2086
  $interpreter -c '
import os, sys
from openstackclient.shell import main
sys.exit(main(sys.argv[1:] + ["--password", os.environ["FENIX_KEYSTONE_PASSWORD"]]))' \
    user create "$user" --domain "$user_domain" -f value -c id > /dev/null
}

openstack project show "$project" --domain "$project_domain" -f value -c id > /dev/null 2>&1 || {
  openstack project create "$project" --domain "$project_domain" -f value -c id > /dev/null
  say "made the project $project"
}
if openstack user show "$user" --domain "$user_domain" -f value -c id > /dev/null 2>&1; then
  say "the user $user is there; its password is left as it is"
else
  [ -n "${FENIX_KEYSTONE_PASSWORD:-}" ] || die "set FENIX_KEYSTONE_PASSWORD to the password that $user is to have"
  create_user
  say "made the user $user"
fi
for role in "${roles[@]}"; do
  openstack role create --or-show "$role" -f value -c id > /dev/null
  # Keystone takes it when the user has the role already.
  openstack role add "$role" --user "$user" --user-domain "$user_domain" \
    --project "$project" --project-domain "$project_domain"
  say "$user has the role $role in $project"
done
[ -z "$account_only" ] || exit 0

service=$(openstack service list -f value -c ID -c Type | awk '$2 == "maintenance" {print $1}')
case $(grep -c . <<< "$service") in
  0)
    service=$(openstack service create maintenance --name fenix --description 'Planned maintenance of hosts' -f value -c id)
    say "made the service fenix of type maintenance" ;;
  1) ;;
  # Clients take the first or the last, each its own way.
  *) die "there are several services of type maintenance, delete all but one: ${service//$'\n'/ }" ;;
esac

endpoints=$(openstack endpoint list --service "$service" --region "$region" -f value -c ID -c Interface -c URL)
for interface in public internal admin; do
  read -r id old < <(awk -v wanted=$interface '$2 == wanted {print $1, $3}' <<< "$endpoints") || true
  if [ -z "${id:-}" ]; then
    openstack endpoint create "$service" "$interface" "$url" --region "$region" -f value -c id > /dev/null
    say "made the $interface endpoint $url in $region"
  elif [ "$old" != "$url" ]; then
    openstack endpoint set "$id" --url "$url"
    say "the $interface endpoint in $region is $url now; it was $old"
  else
    say "the $interface endpoint in $region is $url"
  fi
done
