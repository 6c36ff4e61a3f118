import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/load-config.ts';
import { createLogger } from '../../../src/telemetry/logger.ts';

type Line = Record<string, unknown>;

function recording(level: 'info' | 'debug' = 'info') {
  const lines: string[] = [];
  const logger = createLogger({ level }, { write: (line: string) => void lines.push(line) });
  return { logger, lines, parsed: (): Line[] => lines.map((line) => JSON.parse(line) as Line) };
}

const fernet = 'gAAAAABm3x7kq-hunter2_2Zt0a9bV8cD7eF6gH5iJ4kL3mN2oP1qR0sT';
const jws = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJodW50ZXIyIn0.c2lnbmF0dXJlLWh1bnRlcjI';

describe('the logger', () => {
  it('writes one JSON line with time, level and message', () => {
    const { logger, lines, parsed } = recording();
    logger.info({ host: 'compute-1' }, 'host closed');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^\{.*\}\n$/);
    expect(parsed()[0]).toMatchObject({ level: 'info', msg: 'host closed', host: 'compute-1' });
    expect(Date.parse(String(parsed()[0]?.time))).not.toBeNaN();
  });

  it('gives the lines of a child its ids', () => {
    const { logger, parsed } = recording();
    logger.child({ request_id: 'req-1' }).child({ session_id: 's-1' }).warn('late reply');
    expect(parsed()[0]).toMatchObject({ request_id: 'req-1', session_id: 's-1', msg: 'late reply' });
  });

  it('leaves out what is below its level', () => {
    const { logger, lines } = recording();
    logger.debug('looked');
    expect(lines).toEqual([]);
  });
});

describe('no secret gets into the log', () => {
  it('from the configuration', () => {
    const config = loadConfig({
      env: {
        FENIX_KEYSTONE_AUTH_URL: 'http://keystone:5000/v3',
        FENIX_KEYSTONE_USERNAME: 'fenix',
        FENIX_KEYSTONE_PASSWORD: 'hunter2',
        FENIX_KEYSTONE_PROJECT_NAME: 'service',
        FENIX_DATABASE_URL: 'postgresql://fenix:hunter2@db/fenix?password=hunter2',
        FENIX_NOTIFICATIONS_DRIVER: 'oslo',
        FENIX_NOTIFICATIONS_TRANSPORT_URL: 'rabbit://openstack:hunter2@mq1:5672,openstack:hunter2@mq2:5672/',
      },
    });
    const { logger, lines, parsed } = recording();
    logger.info({ config }, `started with ${config.database.url.toString()}`);
    logger.info(inspect(config, { depth: 9 }));
    logger.info('%o and %s', config, config.keystone.password);
    expect(lines.join()).not.toContain('hunter2');
    expect(parsed()[0]).toMatchObject({
      config: {
        keystone: { username: 'fenix', password: '[redacted]' },
        database: { url: 'postgresql://[redacted]@db/fenix' },
        notifications: { transportUrl: 'rabbit://[redacted]@mq2:5672/' },
        auth: { tokenCacheSeconds: 10 },
      },
    });
  });

  it.each([
    [
      'an object',
      { 'X-Auth-Token': 'hunter2', 'x-subject-token': 'hunter2', Authorization: 'Basic hunter2' },
    ],
    ['an object of lists', { 'x-auth-token': ['hunter2'], 'Set-Cookie': ['a=hunter2', 'b=hunter2'] }],
    ['a flat list', ['X-Auth-Token', 'hunter2', 'Cookie', 'sid=hunter2']],
    ['pairs', [['X-Auth-Token', 'hunter2']]],
    ['a dump', 'GET /v3/auth/tokens\r\nX-Auth-Token: hunter2\r\nX-Subject-Token: hunter2\r\n'],
  ])('from headers as %s', (_, headers) => {
    const { logger, lines } = recording();
    logger.info({ request: { deep: { headers } } }, 'asked');
    logger.child({ headers }).info('asked');
    logger.info(`asked with ${typeof headers === 'string' ? headers : JSON.stringify(headers)}`);
    expect(lines).toHaveLength(3);
    expect(lines.join()).not.toContain('hunter2');
  });

  it('from an error, its causes and its properties', () => {
    const cause = Object.assign(new Error('connect ECONNREFUSED rabbit://openstack:hunter2@mq:5672/'), {
      options: { headers: { 'X-Auth-Token': 'hunter2' }, password: 'hunter2' },
    });
    const error = new Error(`Keystone refused ${fernet}`, { cause });
    const { logger, lines, parsed } = recording();
    logger.error(error);
    logger.error({ err: error }, 'publishing failed');
    logger.error({ err: cause });
    expect(lines.join()).not.toContain('hunter2');
    expect(parsed()[0]).toMatchObject({ msg: 'Keystone refused [redacted]', err: { type: 'Error' } });
    expect(parsed()[2]).toMatchObject({ err: { options: { password: '[redacted]' } } });
  });

  it.each([
    [
      'a Keystone request',
      { auth: { identity: { password: { user: { name: 'fenix', password: 'hunter2' } } } } },
    ],
    ['a Keystone request by token', { auth: { identity: { methods: ['token'], token: { id: 'hunter2' } } } }],
    ['a request as text', { body: '{"user": {"name": "fenix", "password": "hunt\\"er2hunter2"}}' }],
    ['a Python text', { body: "{'admin_password': 'hunter2', 'name': 'x'}" }],
    ['a connection string', { dsn: 'host=db user=fenix password=hunter2 dbname=x' }],
    ['a Fernet token', { seen: fernet }],
    ['a JWS token', { seen: `token ${jws} was refused` }],
    ['a client secret', { client_secret: 'hunter2', privateKey: 'hunter2' }],
    ['a URL with a @ in its password', { url: 'postgresql://fenix:hunter2@hunter2@db/fenix' }],
  ])('from %s', (_, fields) => {
    const { logger, lines } = recording();
    logger.info(fields, 'seen');
    expect(lines[0]).toContain('[redacted]');
    expect(lines[0]).not.toMatch(/hunter2|hunt\\|c2lnbmF0dXJl/);
  });

  it('and what is no secret stays readable', () => {
    const { logger, parsed } = recording();
    const fields = {
      token_cache_seconds: 10,
      password: null,
      target: 'http://10.0.0.7:12348/maintenance?x=1',
      methods: ['password', 'token'],
      list: ['keystone.password', 'is not set'],
    };
    logger.info(fields, 'the token of project p was refused: password must be text');
    expect(parsed()[0]).toMatchObject({
      ...fields,
      methods: ['password', 'token'],
      msg: 'the token of project p was refused: password must be text',
    });
  });
});
