import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/load-config.ts';
import { configOptions } from '../../../src/config/option-list.ts';
import { convertFenixConfig } from '../../../src/convert/convert-fenix-config.ts';
import { targets } from '../../../src/convert/sources.ts';

const samples = join(import.meta.dirname, 'samples');
const sample = async (name: string) => ({ path: name, text: await readFile(join(samples, name), 'utf8') });
const engine = (text: string) => ({ engine: { path: 'fenix.conf', text } });
const api = (text: string) => ({ api: { path: 'fenix-api.conf', text } });

const account =
  '[keystone_authtoken]\nauth_url = http://k/v3\nusername = u\npassword = p\nproject_name = service\n';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fenix-convert-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function load(yaml: string, env: NodeJS.ProcessEnv = {}) {
  const file = join(folder, 'fenix.yaml');
  await writeFile(file, yaml);
  return loadConfig({ file, env });
}

/** What a configuration says of one option, and nothing else of the file. */
const lineOf = (yaml: string, key: string) =>
  yaml
    .split('\n')
    .find((line) => line.startsWith(`  ${key}: `))
    ?.slice(key.length + 4);

describe('the configuration of Fenix', () => {
  test.each([
    ['inline', 'with-secrets.golden'],
    ['environment', 'without-secrets.golden'],
  ] as const)('becomes ours, secrets %s', async (secrets, golden) => {
    const texts = { engine: await sample('fenix.conf'), api: await sample('fenix-api.conf') };
    await expect(convertFenixConfig(texts, { secrets }).yaml).toMatchFileSnapshot(join(samples, golden));
  });

  test('is taken by the server, with every password whole', async () => {
    const texts = { engine: await sample('fenix.conf'), api: await sample('fenix-api.conf') };
    const config = await load(convertFenixConfig(texts, { secrets: 'inline' }).yaml);
    expect(config.keystone.password?.reveal()).toBe('s#cr;t%$1');
    expect(config.notifications.transportUrl?.reveal()).toBe('rabbit://openstack:p;ss%25wrd@10.9.8.5:5672/');
    expect(config).toMatchObject({
      server: { host: '0.0.0.0', port: 12347, publicUrl: 'http://10.9.8.7:12347' },
      auth: { mode: 'keystone', tokenCacheSeconds: 60 },
      keystone: { authUrl: 'http://10.9.8.7/identity', username: 'admin', userDomainName: 'default-users' },
      notifications: { driver: 'oslo', topic: 'notifications', format: '1.0', durableExchange: true },
      workflow: { maintenanceReplySeconds: 30, scaleInReplySeconds: 300, liveMigrationSeconds: 300 },
      logging: { level: 'debug' },
    });
  });

  test('is taken with the passwords in the environment', async () => {
    const texts = { engine: await sample('fenix.conf'), api: await sample('fenix-api.conf') };
    const { yaml, variables } = convertFenixConfig(texts, { secrets: 'environment' });
    expect(variables).toEqual(['FENIX_KEYSTONE_PASSWORD', 'FENIX_NOTIFICATIONS_TRANSPORT_URL']);
    expect(yaml).not.toMatch(/s#cr|p;ss|api-secret/);
    const env = { FENIX_KEYSTONE_PASSWORD: 'x', FENIX_NOTIFICATIONS_TRANSPORT_URL: 'rabbit://h/' };
    expect((await load(yaml, env)).keystone.password?.reveal()).toBe('x');
  });

  test('is carried over to options that exist', () => {
    const names = configOptions.map(({ name }) => name);
    expect(targets.map(({ option }) => option).filter((option) => !names.includes(option))).toEqual([]);
  });
});

describe('a part of the configuration of Fenix', () => {
  test('without a port means the port 5000 of Fenix', async () => {
    const { yaml } = convertFenixConfig(api(`[DEFAULT]\nhost = 10.0.0.1\n${account}`), { secrets: 'inline' });
    expect((await load(yaml)).server).toMatchObject({ port: 5000, publicUrl: 'http://10.0.0.1:5000' });
  });

  test('without [keystone_authtoken] asked for no tokens, and opens the server as far as Fenix was open', async () => {
    const { yaml } = convertFenixConfig(api('[DEFAULT]\nhost = 10.0.0.1\nport = 12347\n'), {
      secrets: 'inline',
    });
    const { auth, server } = await load(yaml);
    expect([auth.mode, server.allowUnauthenticatedRemote]).toEqual(['none', true]);
    expect(yaml).toContain('CHECK: everybody who reaches this server may do everything');
  });

  test('of the engine alone asks for tokens: nothing says that Fenix did not', async () => {
    const { yaml } = convertFenixConfig(
      engine(
        '[DEFAULT]\nhost = 10.0.0.1\n[service_user]\nos_auth_url = http://k\nos_username = u\nos_password = p\nos_project_name = admin\n',
      ),
      { secrets: 'inline' },
    );
    expect((await load(yaml)).auth.mode).toBe('keystone');
  });

  test('never mixes two accounts', () => {
    const { yaml, overruled } = convertFenixConfig(
      {
        ...engine('[service_user]\nos_auth_url = http://k\nos_username = engine\nos_project_name = admin\n'),
        ...api(account),
      },
      { secrets: 'inline' },
    );
    expect(lineOf(yaml, 'username')).toBe('engine');
    expect(lineOf(yaml, 'password')).toBeUndefined();
    expect(yaml).toContain('set keystone.password: the files do not say');
    expect(overruled).toContain(
      'fenix-api.conf:3 [keystone_authtoken] username: one account does everything here, and it is that of [service_user]',
    );
  });

  test('with workflow_user of early Fenix takes the URL of the API', () => {
    const { yaml } = convertFenixConfig(
      {
        ...engine('[DEFAULT]\nworkflow_user = w\nworkflow_password = wp\nworkflow_project = admin\n'),
        ...api(account),
      },
      { secrets: 'inline' },
    );
    expect(['auth_url', 'username', 'password'].map((key) => lineOf(yaml, key))).toEqual([
      'http://k/v3',
      'w',
      'wp',
    ]);
  });

  test('with a domain id: the default one has a known name, another has to be looked up', () => {
    const withDomain = (id: string) => api(`${account}user_domain_id = ${id}\n`);
    expect(
      lineOf(convertFenixConfig(withDomain('default'), { secrets: 'inline' }).yaml, 'user_domain_name'),
    ).toBe('Default');
    expect(convertFenixConfig(withDomain('4f2c'), { secrets: 'inline' }).leftOut).toContain(
      'fenix-api.conf:6 [keystone_authtoken] user_domain_id: a domain is given by its name here; look it up: openstack domain show ID',
    );
  });

  test.each([
    ['[DEFAULT]\ntransport_url = amqp://h/\n', 'only rabbit:// is spoken here'],
    ['[DEFAULT]\nproject_maintenance_reply = soon\n', 'it is not a whole number, 1 or more'],
    ['[database]\nconnection = mysql://u:secret@h/fenix\n', 'MySQL is not supported'],
    ['[service_user]\nmystery = secret\n', 'it is not an option of Fenix that has a counterpart here'],
  ])('%j is left out with the reason, and without its value', (text, why) => {
    const { leftOut, yaml } = convertFenixConfig(engine(text), { secrets: 'inline' });
    expect(leftOut).toEqual([expect.stringContaining(why)]);
    expect(yaml).toContain(why);
    expect(yaml).not.toContain('secret');
  });

  test('with a password of any characters survives the round trip', async () => {
    for (const password of ['"quoted', ': #', '{x}', "it's", 'é\t\\n', '- a', '0123', 'true', '~']) {
      const { yaml } = convertFenixConfig(api(account.replace('password = p', `password = ${password}`)), {
        secrets: 'inline',
      });
      expect((await load(yaml)).keystone.password?.reveal()).toBe(password);
    }
  });
});
