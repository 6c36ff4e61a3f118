import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ConfigError, loadConfig, type ConfigSources } from '../../../src/config/load-config.ts';
import { publicUrl } from '../../../src/config/public-url.ts';

/** A configuration file for the running test. */
function file(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'fenix-config-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'fenix.yaml');
  writeFileSync(path, text);
  return path;
}

function refusal(sources: Partial<ConfigSources>): ConfigError {
  try {
    loadConfig({ env: {}, ...sources });
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

const serviceUser = {
  FENIX_KEYSTONE_AUTH_URL: 'https://keystone:5000/v3/',
  FENIX_KEYSTONE_USERNAME: 'fenix',
  FENIX_KEYSTONE_PASSWORD: 'hunter2',
  FENIX_KEYSTONE_PROJECT_NAME: 'service',
};

describe('loadConfig', () => {
  it('works with nothing set: the embedded mode', () => {
    const config = loadConfig({ env: { PATH: '/bin' } });
    expect(config.server).toEqual({
      host: '127.0.0.1',
      port: 12_347,
      maxBodyBytes: 1_048_576,
      validateResponses: false,
      shutdownGraceSeconds: 10,
      allowUnauthenticatedRemote: false,
    });
    expect(config.auth.mode).toBe('none');
    expect(config.database.url.reveal()).toBe('sqlite:fenix.sqlite');
    expect(config.notifications.driver).toBe('webhook');
    expect(config.workflow).toMatchObject({ scaleInReplySeconds: 400, unsubscribedProjects: 'fail' });
    expect(Object.isFrozen(config.server)).toBe(true);
  });

  it('reads every kind of option from a file', () => {
    const path = file(`
server:
  port: 8080
  validate_responses: true
  public_url: https://fenix.example.org/maintenance/
keystone: {auth_url: "https://keystone:5000/v3", username: fenix, password: 0123, project_name: service}
nova:
  cpu_allocation_ratio: 4.5
notifications:
  driver: oslo
  format: 2.0
  transport_url: rabbit://openstack:hunter2@mq:5672/
alarms:
  allowed_targets: [10.0.0.0/8, "*.example.org"]
workflow:
  unsubscribed_projects: live_migrate
`);
    const config = loadConfig({ file: path, env: {} });
    expect(config.server).toMatchObject({
      port: 8080,
      validateResponses: true,
      publicUrl: 'https://fenix.example.org/maintenance',
    });
    expect(config.keystone.password?.reveal()).toBe('0123');
    expect(config.nova.cpuAllocationRatio).toBe(4.5);
    expect(config.notifications.format).toBe('2.0');
    expect(config.notifications.transportUrl?.reveal()).toBe('rabbit://openstack:hunter2@mq:5672/');
    expect(config.alarms.allowedTargets).toEqual(['10.0.0.0/8', '*.example.org']);
    expect(config.workflow.unsubscribedProjects).toBe('LIVE_MIGRATE');
  });

  it('lets the environment win over the file, and --config over FENIX_CONFIG', () => {
    const path = file('server: {port: 8080, host: 127.0.0.2}\n');
    const env = { FENIX_CONFIG: path, FENIX_SERVER_PORT: '9090' };
    expect(loadConfig({ env }).server).toMatchObject({ port: 9090, host: '127.0.0.2' });
    expect(loadConfig({ env, file: file('server: {host: 127.0.0.3}\n') }).server).toMatchObject({
      port: 9090,
      host: '127.0.0.3',
    });
  });

  it('takes lists from the environment separated by commas', () => {
    const env = { FENIX_ALARMS_ALLOWED_TARGETS: '10.0.0.0/8, vnfm.example.org,' };
    expect(loadConfig({ env }).alarms.allowedTargets).toEqual(['10.0.0.0/8', 'vnfm.example.org']);
  });

  it('takes an empty variable, option or file as not set', () => {
    const env = { FENIX_SERVER_PORT: '', FENIX_KEYSTONE_PASSWORD: '', FENIX_CONFIG: '' };
    expect(loadConfig({ env })).toEqual(loadConfig({ env: {} }));
    expect(loadConfig({ env: {}, file: file('server:\n  port:\nauth:\n') }).server.port).toBe(12_347);
    expect(loadConfig({ env: {}, file: file('# nothing yet\n') }).server.port).toBe(12_347);
  });

  it('leaves variables of others alone', () => {
    const env = {
      FENIX_TEST_POSTGRESQL_URL: 'x',
      FENIX_OPENSTACK_DIR: 'x',
      FENIX_SERVICE_HOST: '10.0.0.1',
      FENIX_PORT_12347_TCP_ADDR: '10.0.0.1',
    };
    expect(loadConfig({ env })).toEqual(loadConfig({ env: {} }));
  });
});

describe('a configuration that cannot be used', () => {
  it('is refused with all that is wrong with it in one message', () => {
    const path = file(
      'server:\n  port: lots\n  prot: 1\nservre: {}\nalarms: {allowed_targets: [10.0.0.0/99]}\n',
    );
    const { message, problems } = refusal({
      file: path,
      env: { FENIX_LOGGING_LEVEL: 'loud', FENIX_SERVER_PORTT: '1', FENIX_WORKFLOW_SENDS: '0' },
    });
    expect(problems).toHaveLength(7);
    expect(message.split('\n')).toEqual([
      'the configuration cannot be used:',
      `  - server.prot (${path}:3): there is no such option; did you mean server.port?`,
      `  - ${path}:4: there is no section servre; the sections are server, auth, policy, keystone, nova, database, notifications, alarms, workflow, plans, plugins, downloads, logging`,
      '  - FENIX_SERVER_PORTT: there is no such option; did you mean FENIX_SERVER_PORT?',
      `  - server.port (${path}:2): "lots" is not allowed; it must be a whole number from 0 to 65535`,
      `  - alarms.allowed_targets (${path}:5): the list ["10.0.0.0/99"] is not allowed; it must be a list of host names (*.example.org), addresses (10.0.0.7) and networks (10.0.0.0/8)`,
      '  - workflow.sends (FENIX_WORKFLOW_SENDS): "0" is not allowed; it must be a whole number, 1 or more',
      '  - logging.level (FENIX_LOGGING_LEVEL): "loud" is not allowed; it must be one of fatal, error, warn, info, debug, trace, silent',
    ]);
  });

  it.each([
    ['FENIX_SERVER_PORT', '65536'],
    ['FENIX_SERVER_PORT', '80.5'],
    ['FENIX_SERVER_PORT', '0x50'],
    ['FENIX_SERVER_VALIDATE_RESPONSES', 'yes'],
    ['FENIX_SERVER_PUBLIC_URL', 'fenix.example.org'],
    ['FENIX_SERVER_PUBLIC_URL', 'ftp://fenix.example.org'],
    ['FENIX_AUTH_MODE', 'Keystone'],
    ['FENIX_AUTH_MODE', 'toString'],
    ['FENIX_AUTH_JWS_KEY_FOLDER', '/nowhere/at/all'],
    ['FENIX_NOVA_CPU_ALLOCATION_RATIO', '0'],
    ['FENIX_NOVA_CPU_ALLOCATION_RATIO', '1e3'],
    ['FENIX_DATABASE_URL', 'sqlite://fenix.sqlite'],
    ['FENIX_NOTIFICATIONS_TRANSPORT_URL', 'mq.example.org'],
    ['FENIX_ALARMS_ALLOWED_TARGETS', 'http://vnfm.example.org/'],
    ['FENIX_WORKFLOW_UNSUBSCRIBED_PROJECTS', 'MIGRATE'],
  ])('is refused for %s=%s, which the message names', (variable, value) => {
    const { problems } = refusal({ env: { [variable]: value } });
    expect(problems).toHaveLength(1);
    expect(problems[0]?.where).toContain(`(${variable})`);
    expect(problems[0]?.says).toContain('it must be ');
  });

  it.each([
    ['a list where a text belongs', 'server: {host: [a]}', 'server.host'],
    ['a nested value', 'server: {host: {a: b}}', 'server.host'],
    ['a nested value in a list', 'alarms: {allowed_targets: [[a]]}', 'alarms.allowed_targets'],
    ['a section that is a text', 'server: 8080', 'fenix.yaml:1'],
    ['a file that is a list', '- server', 'fenix.yaml:1'],
    ['a file that is no YAML', 'server: {port: 1\n', 'fenix.yaml:2'],
    ['an option that is set twice', 'server:\n  port: 1\n  port: 2\n', 'fenix.yaml:3'],
  ])('is refused for %s', (_, text, where) => {
    expect(refusal({ file: file(text) }).problems[0]?.where).toContain(where);
  });

  it('is refused when its file cannot be read', () => {
    expect(refusal({ file: '/nowhere/fenix.yaml' }).message).toMatch(
      /\/nowhere\/fenix\.yaml: the configuration file cannot be read: ENOENT/,
    );
  });

  it.each([
    ['an open server without tokens', { FENIX_SERVER_HOST: '10.0.0.7' }, /auth\.mode none .* loopback only/],
    [
      'no public URL for a server on every address',
      { ...serviceUser, FENIX_AUTH_MODE: 'keystone', FENIX_SERVER_HOST: '0.0.0.0' },
      /server\.public_url \(not set; FENIX_SERVER_PUBLIC_URL sets it\): .*clients reach it/,
    ],
    ['a public URL with /v1', { FENIX_SERVER_PUBLIC_URL: 'http://f:1/v1/' }, /must not contain \/v1/],
    [
      'keystone without a service user',
      { FENIX_AUTH_MODE: 'keystone' },
      /keystone\.password \(not set.*must all be set, since auth\.mode is keystone/,
    ],
    [
      'half a service user',
      { FENIX_KEYSTONE_USERNAME: 'fenix' },
      /keystone\.username \(FENIX_KEYSTONE_USERNAME\).*must all be set, since one of them is/,
    ],
    [
      'oslo without a transport',
      { ...serviceUser, FENIX_NOTIFICATIONS_DRIVER: 'oslo' },
      /needs a transport_url/,
    ],
    [
      'a transport without oslo',
      { FENIX_NOTIFICATIONS_TRANSPORT_URL: 'rabbit://a:b@mq/' },
      /set the driver to oslo/,
    ],
    ['a certificate without its key', { FENIX_KEYSTONE_CLIENT_CERT_FILE: '/dev/null' }, /set together/],
    [
      'insecure with authorities',
      { FENIX_KEYSTONE_INSECURE: 'true', FENIX_KEYSTONE_CA_FILE: '/dev/null' },
      /set one of them/,
    ],
    [
      'looks that shrink',
      { FENIX_NOVA_FIRST_LOOK_MILLISECONDS: '3000' },
      /must not be longer than the longest/,
    ],
  ])('is refused for %s', (_, env, message) => {
    const refused = refusal({ env });
    expect(refused.problems).toHaveLength(1);
    expect(refused.message).toMatch(message);
  });

  it('does not draw conclusions from an option that is wrong by itself', () => {
    const { problems } = refusal({ env: { FENIX_AUTH_MODE: 'none', FENIX_NOTIFICATIONS_DRIVER: 'olso' } });
    expect(problems.map(({ where }) => where)).toEqual(['notifications.driver (FENIX_NOTIFICATIONS_DRIVER)']);
  });

  it('keeps secrets out of the message', () => {
    const { message } = refusal({
      env: {
        FENIX_DATABASE_URL: 'mysql://fenix:hunter2@db/fenix',
        FENIX_NOTIFICATIONS_TRANSPORT_URL: 'amqp://fenix:hunter2@mq/',
        FENIX_KEYSTONE_AUTH_URL: 'http://fenix:hunter2@keystone/v3',
      },
      file: file('keystone: {password: [hunter2], passwrod: hunter2}\n'),
    });
    expect(message).not.toContain('hunter2');
    expect(refusal({ file: file('keystone: {password: "hunter2\n') }).message).not.toContain('hunter2');
  });
});

describe('secrets in the configuration', () => {
  const config = loadConfig({
    env: {
      ...serviceUser,
      FENIX_DATABASE_URL: 'postgresql://fenix:hunter2@db:5432/fenix?password=hunter2',
      FENIX_NOTIFICATIONS_DRIVER: 'oslo',
      FENIX_NOTIFICATIONS_TRANSPORT_URL: 'rabbit://a:hunter2@mq1,b:hunter2@mq2/vhost',
    },
  });

  it.each([
    ['JSON', JSON.stringify(config)],
    ['inspect', inspect(config, { depth: 9, showHidden: true })],
    ['a template', `${String(config.keystone.password)} ${String(config.database.url)}`],
    ['a copy', inspect(structuredCloneOf(config), { depth: 9 })],
  ])('do not show in %s', (_, printed) => {
    expect(printed).not.toContain('hunter2');
  });

  it.each([
    ['postgresql://fenix:hun@ter2@db/fenix', 'postgresql://[redacted]@db/fenix'],
    ['postgresql://fenix:hun/ter2@db/fenix', 'postgresql://[redacted]@db/fenix'],
    ['postgresql://fenix:hun?ter2@db/fenix', 'postgresql://[redacted]'],
    ['postgresql://db/fenix?user=a&password=ter2', 'postgresql://db/fenix'],
    ['sqlite:///var/lib/fenix.sqlite', 'sqlite:///var/lib/fenix.sqlite'],
  ])('the URL %s is shown as %s', (url, shown) => {
    expect(String(loadConfig({ env: { FENIX_DATABASE_URL: url } }).database.url)).toBe(shown);
  });
});

function structuredCloneOf(value: object): unknown {
  return Object.fromEntries(Object.entries(value).map(([key, section]) => [key, { ...(section as object) }]));
}

describe('publicUrl', () => {
  it('is what is configured, else made of host and the port that is listened on', () => {
    const { server } = loadConfig({ env: { FENIX_SERVER_PORT: '0' } });
    expect(publicUrl(server, 40_123)).toBe('http://127.0.0.1:40123');
    expect(publicUrl({ ...server, host: '::1' }, 40_123)).toBe('http://[::1]:40123');
    expect(publicUrl({ ...server, publicUrl: 'https://fenix.example.org' }, 40_123)).toBe(
      'https://fenix.example.org',
    );
  });
});
