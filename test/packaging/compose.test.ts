import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config/load-config.ts';
import { checkout, ownStages } from './image-file.ts';

const secrets = { POSTGRES_PASSWORD: 'pg', RABBITMQ_PASSWORD: 'rq', FENIX_KEYSTONE_PASSWORD: 'ks' };

/** Debian's docker-compose, which needs no engine for this. */
async function config(env: Readonly<Record<string, string>>, ...options: readonly string[]) {
  const { stdout } = await promisify(execFile)(
    'docker-compose',
    ['--env-file', 'packaging/compose.env.example', 'config', ...options],
    { cwd: checkout, env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env } },
  );
  return stdout;
}

interface Resolved {
  readonly services: Readonly<
    Record<string, { environment: Record<string, string>; healthcheck?: unknown; image: string }>
  >;
}

describe('compose.yaml', () => {
  test('is valid', async () => {
    expect(await config(secrets, '--quiet')).toBe('');
  });

  test.each(Object.keys(secrets))('does not start without %s', async (name) => {
    const others = Object.entries(secrets).filter(([other]) => other !== name);
    await expect(config(Object.fromEntries(others), '--quiet')).rejects.toThrow(name);
  });

  test('holds no secret', async () => {
    const text = await readFile(join(checkout, 'compose.yaml'), 'utf8');
    for (const [, value = ''] of text.matchAll(/PASS(?:WORD)?: (.*)/g)) expect(value).toMatch(/^\$\{/);
  });

  test('gives the server a configuration that it takes, on top of the image', async () => {
    const { services } = parse(await config(secrets)) as Resolved;
    // The folder of the image is not here; that it can be read is checked where the image is run.
    const { FENIX_PLUGINS_FOLDER: _, ...image } = ownStages().run.env;
    const { environment = {} } = services['fenix'] ?? {};
    const env = Object.fromEntries(
      Object.entries({ ...image, ...environment }).filter(([name]) => name.startsWith('FENIX_')),
    );
    const loaded = loadConfig({ env });
    expect(loaded.database.url.reveal()).toBe('postgresql://fenix:pg@postgresql:5432/fenix');
    expect(loaded.notifications.transportUrl?.reveal()).toBe('rabbit://fenix:rq@rabbitmq:5672/');
    expect(loaded.keystone.password?.reveal()).toBe('ks');
  });

  test('checks the health of the database and the broker', async () => {
    const { services } = parse(await config(secrets)) as Resolved;
    expect(services['postgresql']?.healthcheck).toBeDefined();
    expect(services['rabbitmq']?.healthcheck).toBeDefined();
    for (const { image } of Object.values(services)) expect(image).toMatch(/:(?!latest$)[\w.-]+$/);
  });
});
