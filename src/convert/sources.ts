/** Which option of Fenix becomes which option of ours (facts 7.1); for the account see account.ts. */
import {
  asFlag,
  asFormat,
  asText,
  asTransportUrl,
  cacheSeconds,
  debugLevel,
  firstTopic,
  threeWaitsInOne,
  wholeNumber,
  type Reader,
} from './read-value.ts';

/** `engine` is fenix.conf, `api` fenix-api.conf. */
export type FileKind = 'engine' | 'api';

/** An option of Fenix that one of ours is made from. */
export interface Source {
  readonly file: FileKind;
  readonly section: string;
  readonly key: string;
  readonly read: Reader;
}

export interface Target {
  /** Our option, `section.key`. */
  readonly option: string;
  /** The first that is set wins; others that say something else are reported. */
  readonly from: readonly Source[];
}

const engine = (section: string, key: string, read: Reader = asText): Source => ({
  file: 'engine',
  section,
  key,
  read,
});
const api = (section: string, key: string, read: Reader = asText): Source => ({
  file: 'api',
  section,
  key,
  read,
});
const both = (section: string, key: string, read: Reader = asText): readonly Source[] => [
  engine(section, key, read),
  api(section, key, read),
];

const rabbit = (key: string): readonly Source[] => both('oslo_messaging_rabbit', key, asFlag);
const notifications = (key: string, read: Reader): readonly Source[] =>
  both('oslo_messaging_notifications', key, read);

export const targets: readonly Target[] = [
  {
    option: 'auth.token_cache_seconds',
    from: [api('keystone_authtoken', 'token_cache_time', cacheSeconds)],
  },
  { option: 'keystone.region_name', from: [api('keystone_authtoken', 'region_name')] },
  { option: 'keystone.ca_file', from: [api('keystone_authtoken', 'cafile')] },
  { option: 'keystone.client_cert_file', from: [api('keystone_authtoken', 'certfile')] },
  { option: 'keystone.client_key_file', from: [api('keystone_authtoken', 'keyfile')] },
  { option: 'keystone.insecure', from: [api('keystone_authtoken', 'insecure', asFlag)] },
  {
    option: 'keystone.request_timeout_seconds',
    from: [api('keystone_authtoken', 'http_connect_timeout', wholeNumber(1))],
  },
  {
    option: 'notifications.transport_url',
    from: [
      ...notifications('transport_url', asTransportUrl),
      ...both('DEFAULT', 'transport_url', asTransportUrl),
    ],
  },
  { option: 'notifications.exchange', from: both('DEFAULT', 'control_exchange') },
  { option: 'notifications.topic', from: notifications('topics', firstTopic) },
  { option: 'notifications.format', from: notifications('driver', asFormat) },
  { option: 'notifications.durable_exchange', from: rabbit('amqp_durable_queues') },
  { option: 'notifications.auto_delete_exchange', from: rabbit('amqp_auto_delete') },
  { option: 'notifications.quorum_queue', from: rabbit('rabbit_quorum_queue') },
  // One wait of Fenix for three questions here, and one for two.
  ...['maintenance', 'prepare', 'planned'].map((question) => ({
    option: `workflow.${question}_reply_seconds`,
    from: [engine('DEFAULT', 'project_maintenance_reply', wholeNumber(1))],
  })),
  ...['scale_in', 'maintenance_complete'].map((question) => ({
    option: `workflow.${question}_reply_seconds`,
    from: [engine('DEFAULT', 'project_scale_in_reply', threeWaitsInOne)],
  })),
  {
    option: 'workflow.live_migration_seconds',
    from: [engine('DEFAULT', 'live_migration_wait_time', wholeNumber(1))],
  },
  { option: 'downloads.folder', from: [engine('DEFAULT', 'local_cache_dir')] },
  {
    option: 'policy.file',
    from: [api('oslo_policy', 'policy_file'), api('DEFAULT', 'policy_file')],
  },
  { option: 'logging.level', from: both('DEFAULT', 'debug', debugLevel) },
];
