/** docs/action-plugins.md is run as it is printed. */
import { readFile, symlink } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { PluginFolder } from '../../../src/adapters/plugins/plugin-folder.ts';
import type { PluginTask } from '../../../src/engine/ports.ts';
import { temporaryFolder, writeScript } from '../../support/plugin-files.ts';
import type { AtEnd } from '../../support/stage.ts';

const repository = join(import.meta.dirname, '../../..');
const page = await readFile(join(repository, 'docs/action-plugins.md'), 'utf8');

/** The blocks of a language, without their fences. */
const blocks = (language: string): readonly string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'))].map(([, block]) => block ?? '');

const program = (language: string): string => blocks(language).find((block) => block.startsWith('#!')) ?? '';

afterEach(() => {
  vi.unstubAllEnvs();
});

/** Runs an example by this name, with tools for it in PATH. */
async function example(
  atEnd: AtEnd,
  name: string,
  script: string,
  tools: Readonly<Record<string, string>> = {},
) {
  const home = await temporaryFolder(atEnd);
  const folder = join(home, 'plugins');
  const bin = join(home, 'bin');
  await writeScript(folder, name, script);
  for (const [tool, body] of Object.entries(tools)) await writeScript(bin, tool, body);
  vi.stubEnv('PATH', `${bin}:${join(repository, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`);
  const plugins = new PluginFolder({ folder, downloadsFolder: home, timeoutSeconds: 60 });
  const lines: string[] = [];
  const run = (change: Partial<PluginTask>) =>
    plugins.run(
      {
        sessionId: '7b1f0c52-4d2e-11ee-9c5a-0242ac120003',
        plugin: name,
        type: 'host',
        host: 'cmp-07.example.net',
        metadata: {},
        sessionMetadata: { openstack_version: 'Epoxy' },
        workflow: 'default',
        runId: '5a1d0f4e-3a83-4b36-9f9b-0a1c9d3e7b52',
        repeated: false,
        ...change,
      },
      (some) => Promise.resolve(void lines.push(...some)),
      new AbortController().signal,
    );
  return { home, folder, lines, run };
}

describe('docs/action-plugins.md', () => {
  it('has a plug-in in Python that restarts services', async ({ onTestFinished }) => {
    const ssh = 'echo "$*"; case "$*" in *broken*) exit 5;; esac';
    const { run, lines } = await example(onTestFinished, 'restart_agents', program('python'), { ssh });
    await run({ metadata: { services: ['neutron-l3-agent', 'a b;c'] } });
    const prefix = '-o BatchMode=yes -- root@cmp-07.example.net systemctl restart --';
    expect(lines).toEqual([
      'restarting neutron-l3-agent on cmp-07.example.net',
      `${prefix} neutron-l3-agent`,
      'restarting a b;c on cmp-07.example.net',
      `${prefix} 'a b;c'`,
    ]);
    await expect(run({ metadata: { services: ['broken'] } })).rejects.toThrow(
      'broken could not be restarted on cmp-07.example.net',
    );
  });

  it('has a plug-in in shell that looks for room', async ({ onTestFinished }) => {
    const df = 'echo Filesystem; echo "/dev/sda1 9999999 1 ${FREE_KIB:-2097152} 1% /"';
    const { run, lines, folder } = await example(onTestFinished, 'room_for_packages', program('sh'), { df });
    await run({ type: 'pre', host: 'localhost' });
    expect(lines).toEqual([
      'session 7b1f0c52-4d2e-11ee-9c5a-0242ac120003: 2097152 KiB are free on localhost',
    ]);
    await writeScript(join(folder, '../bin'), 'df', 'echo Filesystem; echo "/dev/sda1 9999999 1 17 1% /"');
    await expect(run({ type: 'pre', host: 'localhost' })).rejects.toThrow('at least 1048576 KiB are wanted');
  });

  it('has a plug-in in TypeScript that tells an inventory, also by a link', async ({ onTestFinished }) => {
    const told: unknown[] = [];
    let status = 200;
    const inventory = createServer((request, response) => {
      void text(request).then((body) => {
        told.push([request.method, request.url, JSON.parse(body)]);
        response.writeHead(status).end('no');
      });
    });
    await new Promise<void>((resolve) => inventory.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => new Promise((resolve) => inventory.close(() => resolve())));
    const url = `http://127.0.0.1:${(inventory.address() as AddressInfo).port}`;
    const { run, lines, folder } = await example(onTestFinished, 'inventory.mts', program('ts'));
    await symlink('inventory.mts', join(folder, 'inventory'));
    await run({ metadata: { url }, plugin: 'inventory' });
    expect(lines).toEqual(['cmp-07.example.net is noted in the inventory']);
    expect(told).toEqual([
      ['PUT', '/hosts/cmp-07.example.net', { maintained_in: '7b1f0c52-4d2e-11ee-9c5a-0242ac120003' }],
    ]);
    status = 503;
    await expect(run({ metadata: { url } })).rejects.toThrow('answered 503: no');
  });

  it('shows the input as it is', async ({ onTestFinished }) => {
    const shown = blocks('json').find((block) => block.includes('"run_id"')) ?? '';
    const { run, lines } = await example(onTestFinished, 'firmware', 'cat');
    await run({ type: 'compute', metadata: { level: '2.21.1' } });
    expect(JSON.parse(shown)).toEqual(JSON.parse(lines.join('\n')));
    expect(Object.keys(JSON.parse(shown) as object)).toEqual(
      Object.keys(JSON.parse(lines.join('\n')) as object),
    );
  });
});
