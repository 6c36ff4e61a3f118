/** Every option of the server: the one place where they are named, typed, defaulted and explained. */
import { z } from 'zod';
import {
  choice,
  databaseUrl,
  flag,
  hostList,
  httpUrl,
  integer,
  optionalText,
  ratio,
  readablePath,
  secret,
  text,
  transportUrl,
} from './option.ts';

const positive = { from: 1 };
const notNegative = { from: 0 };

const server = z.object({
  host: text('127.0.0.1', 'Address to listen on.'),
  port: integer({ from: 0, to: 65_535 }, 12_347, 'Port to listen on; 0 takes any free one.'),
  publicUrl: httpUrl(
    'How clients reach this server, without `/v1`: the base of every `reply_url`. `http://host:port` when absent.',
  ),
  maxBodyBytes: integer(positive, 1_048_576, 'The largest request body that is read.'),
  validateResponses: flag(false, 'Checks every answer against the contract; a violation becomes a 500.'),
  shutdownGraceSeconds: integer(
    notNegative,
    10,
    'How long requests and calls under way may take to finish at SIGTERM.',
  ),
  allowUnauthenticatedRemote: flag(
    false,
    'Lets `auth.mode: none` listen on an address that others can reach. Anybody there can then do anything.',
  ),
});

const auth = z.object({
  mode: choice(
    { none: 'none', keystone: 'keystone' },
    'none',
    '`keystone` validates the token of every request; `none` lets everybody do everything, on loopback only.',
  ),
  jwsKeyFolder: readablePath(
    'folder',
    "Keystone's public keys (`/etc/keystone/jws-keys/public`): forged and expired JWS tokens are refused without a call.",
  ),
  tokenCacheSeconds: integer(
    notNegative,
    10,
    'How long a validated token is believed without asking Keystone again; a revoked one works that long.',
  ),
  tokenCacheEntries: integer(positive, 1_000, 'How many validated tokens are remembered.'),
});

const policy = z.object({
  file: readablePath(
    'file',
    'YAML file of policy rules, in place of the built-in ones of the same name (docs/policy.md).',
  ),
});

const keystone = z.object({
  authUrl: httpUrl('Keystone, for example `https://keystone.example.org:5000/v3`.'),
  username: optionalText('Our service user.'),
  password: secret('Its password.'),
  userDomainName: text('Default', 'Domain of the service user.'),
  projectName: optionalText('Project of the service user, usually `service`; it must be an admin there.'),
  projectDomainName: text('Default', 'Domain of that project.'),
  regionName: optionalText('Region whose endpoints are taken from the catalog; any when absent.'),
  interface: choice(
    { public: 'public', internal: 'internal', admin: 'admin' },
    'public',
    'Which endpoints are taken from the catalog.',
  ),
  caFile: readablePath('file', 'PEM file of certificate authorities to trust instead of the built-in ones.'),
  clientCertFile: readablePath('file', 'PEM file of our client certificate.'),
  clientKeyFile: readablePath('file', 'PEM file of its key.'),
  insecure: flag(false, 'Accepts any server certificate. For trials only.'),
  requestTimeoutSeconds: integer(positive, 30, 'How long one call to an OpenStack service may take.'),
  computeEndpoint: httpUrl("Nova's endpoint, in place of the catalog's."),
  alarmingEndpoint: httpUrl("Aodh's endpoint, in place of the catalog's."),
});

const nova = z.object({
  cpuAllocationRatio: ratio(1, 'vCPUs that instances may take per vCPU of a host, as in Nova.'),
  ramAllocationRatio: ratio(1, 'Memory that instances may take per memory of a host, as in Nova.'),
  diskAllocationRatio: ratio(1, 'Disk that instances may take per disk of a host, as in Nova.'),
  firstLookMilliseconds: integer(
    positive,
    150,
    'Pause before the first look at something that is awaited in Nova. It grows from look to look.',
  ),
  longestLookMilliseconds: integer(positive, 500, 'The longest pause between two looks.'),
});

const database = z.object({
  url: databaseUrl('sqlite:fenix.sqlite', 'Where sessions, constraints and alarms are kept.'),
  keepDeletedDays: integer(
    notNegative,
    30,
    'How long the journal of a session is kept after it was deleted and cleaned up.',
  ),
});

const notifications = z.object({
  driver: choice(
    { webhook: 'webhook', oslo: 'oslo' },
    'webhook',
    '`webhook`: alarms of our own under `/v2/alarms`. `oslo`: RabbitMQ, for Ceilometer and Aodh.',
  ),
  infrastructureProject: text(
    'admin',
    'Name of the project that hears `maintenance.host` and `maintenance.session`.',
  ),
  transportUrl: transportUrl('RabbitMQ (`oslo`).'),
  exchange: text('openstack', 'Exchange of the notifications (`oslo`).'),
  topic: text('notifications', 'Topic of the notifications (`oslo`): the queue is `<topic>.info`.'),
  format: choice(
    { '1.0': '1.0', '2.0': '2.0' },
    '1.0',
    'Message format (`oslo`): 1.0 is bare as Fenix sends it, 2.0 has an envelope. Every consumer takes both.',
  ),
  durableExchange: flag(
    false,
    'As `amqp_durable_queues` of the cloud (`oslo`): RabbitMQ refuses an exchange that is declared differently.',
  ),
  autoDeleteExchange: flag(false, 'As `amqp_auto_delete` of the cloud (`oslo`).'),
  quorumQueue: flag(false, 'As `rabbit_quorum_queue` of the cloud (`oslo`).'),
});

const alarms = z.object({
  answerTimeoutSeconds: integer(
    positive,
    600,
    'How long the target of an alarm may take to answer (`webhook`).',
  ),
  attempts: integer(positive, 8, 'How often a delivery is tried, with growing pauses (`webhook`).'),
  allowedTargets: hostList(
    'Where alarms may be posted to (`webhook`); anywhere when empty. Link-local and metadata addresses never.',
  ),
  parallelPosts: integer(positive, 16, 'How many alarms are posted at once (`webhook`).'),
});

const workflow = z.object({
  maintenanceReplySeconds: integer(positive, 40, 'How long a project has to reply to MAINTENANCE.'),
  prepareReplySeconds: integer(positive, 40, 'How long a project has to reply to PREPARE_MAINTENANCE.'),
  plannedReplySeconds: integer(positive, 40, 'How long a project has to reply to PLANNED_MAINTENANCE.'),
  scaleInReplySeconds: integer(
    positive,
    400,
    'How long a project has to reply to SCALE_IN, which is sent once.',
  ),
  maintenanceCompleteReplySeconds: integer(
    positive,
    400,
    'How long a project has to reply to MAINTENANCE_COMPLETE, which is sent once.',
  ),
  sends: integer(
    positive,
    3,
    'How often at most MAINTENANCE, PREPARE_MAINTENANCE and PLANNED_MAINTENANCE are sent to a silent project.',
  ),
  unsubscribedProjects: choice(
    { fail: 'fail', migrate: 'MIGRATE', live_migrate: 'LIVE_MIGRATE' },
    'fail',
    'A project with instances that listens to no alarm: the session fails, or its instances are moved unasked.',
  ),
  parallelMoves: integer(positive, 4, 'How many instances of a host are moved at once.'),
  totalMoves: integer(positive, 1_000, 'How many instances are moved at once in all (workflow `vnf`).'),
  plannedMoveSeconds: integer(
    positive,
    60,
    'How long a move is taken to last when it is planned, as long as no session has measured it.',
  ),
  plannedHostSeconds: integer(
    notNegative,
    600,
    'How long the maintenance of a host is taken to last when it is planned, as long as no session has measured it.',
  ),
  maxDeferSeconds: integer(
    notNegative,
    1_800,
    'How long an application may put off its answer in all; after that it has refused.',
  ),
  missingConstraints: choice(
    { careful: 'careful', refuse: 'refuse' },
    'careful',
    'Instances of a `vnf` session about which nothing was registered: one of a project at a time, or the session fails and names them.',
  ),
  planDrift: choice(
    { replan: 'replan', fail: 'fail' },
    'replan',
    'A session that is to follow a plan from which the cloud has drifted: it is planned anew, or the session fails.',
  ),
  moveAttempts: integer(
    positive,
    3,
    'How often a move of one instance is tried; from the second time on Nova chooses the target.',
  ),
  moveSeconds: integer(positive, 240, 'How long a cold migration or a confirmation may take.'),
  liveMigrationSeconds: integer(
    positive,
    600,
    'How long a live migration may take before it is broken off; then a cold one is tried where the project allows it.',
  ),
  ownActionSeconds: integer(
    positive,
    240,
    'How long a project has to take an instance away by its own action.',
  ),
  hostMaintenanceSeconds: integer(notNegative, 0, 'How long an empty host is held in maintenance.'),
  maxSessions: integer(positive, 3, 'How many sessions may run at once; one more is answered with 509.'),
  cloudPatienceSeconds: integer(
    notNegative,
    300,
    'How long a cloud that does not answer is tried again before the session fails.',
  ),
});

const plans = z.object({
  maxKept: integer(
    positive,
    100,
    'How many plans of `POST /v1/plan` are kept; when one more is asked for, the oldest one goes.',
  ),
});

const plugins = z.object({
  folder: readablePath(
    'folder',
    'Where the action plug-ins are: executables (docs/action-plugins.md). None when absent.',
  ),
  timeoutSeconds: integer(positive, 3_600, 'How long a plug-in may run whose manifest does not say.'),
});

const downloads = z.object({
  folder: text('/tmp', "Where a session's packages are kept, each session in a folder of its own."),
  allowedHosts: hostList(
    'Hosts that packages may be fetched from, `*.example.org` for all below; none when empty.',
  ),
  maxBytes: integer(
    positive,
    1_073_741_824,
    'How large the packages of a session may be together, unpacked.',
  ),
  timeoutSeconds: integer(positive, 600, 'How long the packages of a session may take to be fetched.'),
});

const logLevels = {
  fatal: 'fatal',
  error: 'error',
  warn: 'warn',
  info: 'info',
  debug: 'debug',
  trace: 'trace',
  silent: 'silent',
} as const;

const logging = z.object({
  level: choice(logLevels, 'info', 'The least severe lines that are written.'),
});

export const configSchema = z.object({
  server: server.readonly(),
  auth: auth.readonly(),
  policy: policy.readonly(),
  keystone: keystone.readonly(),
  nova: nova.readonly(),
  database: database.readonly(),
  notifications: notifications.readonly(),
  alarms: alarms.readonly(),
  workflow: workflow.readonly(),
  plans: plans.readonly(),
  plugins: plugins.readonly(),
  downloads: downloads.readonly(),
  logging: logging.readonly(),
});

/** The options of a server, checked, with their defaults. Options without a default are absent when not set. */
export type Config = Readonly<z.output<typeof configSchema>>;

/** The options of each section, by their name inside the program. */
export const sections = {
  server: server.shape,
  auth: auth.shape,
  policy: policy.shape,
  keystone: keystone.shape,
  nova: nova.shape,
  database: database.shape,
  notifications: notifications.shape,
  alarms: alarms.shape,
  workflow: workflow.shape,
  plans: plans.shape,
  plugins: plugins.shape,
  downloads: downloads.shape,
  logging: logging.shape,
};
