import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { convertCommand } from '../../../src/cli/convert-command.ts';

const engine = join(import.meta.dirname, 'samples/fenix.conf');
const api = join(import.meta.dirname, 'samples/fenix-api.conf');

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fenix-convert-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function run(...args: string[]) {
  const said = { out: '', err: '' };
  const command = convertCommand({
    write: (text) => (said.out += text),
    complain: (text) => (said.err += text),
  });
  await command.parseAsync(args, { from: 'user' });
  return said;
}

describe('fenix-server convert-config', () => {
  test('writes a file that only its owner can read, with the passwords', async () => {
    const output = join(folder, 'fenix.yaml');
    const { out, err } = await run('--engine', engine, '--api', api, '--output', output);
    expect((await stat(output)).mode & 0o777).toBe(0o600);
    expect(await readFile(output, 'utf8')).toContain('password: "s#cr;t%$1"');
    expect(out).toBe('');
    expect(err).toContain('Check before the start:');
    expect(err).not.toContain('The server would not start yet');
    expect(err).not.toContain('s#cr');
  });

  test('leaves the passwords out of what it prints, and names the variables', async () => {
    const { out, err } = await run('--engine', engine, '--api', api);
    expect(out).toContain('# password: in the variable FENIX_KEYSTONE_PASSWORD');
    expect(out).not.toContain('s#cr');
    expect(err).toContain('  - FENIX_KEYSTONE_PASSWORD\n  - FENIX_NOTIFICATIONS_TRANSPORT_URL\n');
  });

  test('leaves them out of the file with --secrets-as-env', async () => {
    const output = join(folder, 'fenix.yaml');
    const { err } = await run('--engine', engine, '--output', output, '--secrets-as-env');
    expect(await readFile(output, 'utf8')).not.toContain('s#cr');
    expect(err).not.toContain('The server would not start yet');
  });

  test('says why the server would not start yet', async () => {
    const input = join(folder, 'fenix-api.conf');
    await writeFile(input, '[DEFAULT]\nhost = 0.0.0.0\n[keystone_authtoken]\nusername = u\n');
    const { err } = await run('--api', input, '--output', join(folder, 'fenix.yaml'));
    expect(err).toContain('The server would not start yet:\n');
    expect(err).toContain('server.public_url must say by which one clients reach it');
  });

  test('never writes over a file', async () => {
    const output = join(folder, 'fenix.yaml');
    await writeFile(output, 'mine');
    await expect(run('--engine', engine, '--output', output)).rejects.toThrow(
      `${output} cannot be written; name a file that is not there yet`,
    );
    expect(await readFile(output, 'utf8')).toBe('mine');
  });

  test('says which file cannot be read', async () => {
    await expect(run('--engine', join(folder, 'none'))).rejects.toThrow(`${folder}/none cannot be read`);
  });

  test('needs a file to read', async () => {
    await expect(run()).rejects.toThrow('name --engine fenix.conf, --api fenix-api.conf, or both');
  });
});
