/** Why options of Fenix have no counterpart here. */

const logs = 'the log is JSON lines on standard output; the service manager keeps it (docs/operating.md)';
const rpc = 'one process is API and engine: there are no calls between them';
const database =
  'MySQL is not supported, and the database of Fenix is not read: sessions have to end before the switch, constraints are registered again (docs/migrating-from-fenix.md)';

/** `section.key`, or `section.*` for a whole section; the first that fits says why. */
const reasons: readonly (readonly [pattern: string, why: string])[] = [
  ['DEFAULT.api_config', 'Fenix did not use it either'],
  [
    'DEFAULT.live_migration_retries',
    'every kind of move is tried workflow.move_attempts times (3); set that if you want another number',
  ],
  ['DEFAULT.log_*', logs],
  ['DEFAULT.use_*', logs],
  ['DEFAULT.default_log_levels', logs],
  ['DEFAULT.logging_*', logs],
  ['DEFAULT.syslog_*', logs],
  ['DEFAULT.verbose', logs],
  ['DEFAULT.rpc_*', rpc],
  ['DEFAULT.auth_strategy', 'whether tokens are asked for is told by [keystone_authtoken] being there'],
  ['engine.*', rpc],
  ['database.*', database],
  [
    'keystone_authtoken.www_authenticate_uri',
    'a 401 names keystone.auth_url, which is the address that clients may use',
  ],
  ['keystone_authtoken.auth_uri', 'a 401 names keystone.auth_url, which is the address that clients may use'],
  ['keystone_authtoken.memcached_servers', 'validated tokens are remembered in the process'],
  ['keystone_authtoken.memcache_*', 'validated tokens are remembered in the process'],
  [
    'keystone_authtoken.interface',
    'it chose the endpoint of Keystone alone; keystone.interface is about Nova and Aodh',
  ],
  ['keystone_authtoken.service_token_roles*', 'service tokens are neither asked for nor needed'],
  ['oslo_policy.policy_dirs', 'one file of rules is read; put them together in policy.file'],
  ['oslo_policy.enforce_*', 'scope and new defaults are always enforced (docs/policy.md)'],
  ['oslo_messaging_notifications.retry', 'a notification is tried until the broker has taken it'],
  [
    'oslo_messaging_rabbit.ssl*',
    'TLS is asked for in notifications.transport_url: ?ssl=1&ssl_ca_file=/path/ca.pem',
  ],
  ['oslo_messaging_rabbit.*', 'the connection to RabbitMQ needs no such option'],
];

/** Why an option was not carried over. */
export function whyLeftOut(section: string, key: string): string {
  const name = `${section}.${key}`;
  const [, why] =
    reasons.find(([pattern]) =>
      pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern,
    ) ?? [];
  return why ?? 'it is not an option of Fenix that has a counterpart here';
}
