import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'lab-program-'));
afterAll(() => rmSync(folder, { recursive: true }));

function run(...options: string[]): ChildProcess {
  return spawn(process.execPath, ['--import', 'tsx', 'src/lab/main.ts', ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function exitOf(lab: ChildProcess): Promise<unknown> {
  const [status] = (await once(lab, 'exit')) as unknown[];
  return status;
}

async function textOf(stream: NodeJS.ReadableStream | null): Promise<string> {
  let text = '';
  for await (const chunk of stream ?? []) text += String(chunk);
  return text;
}

describe('the lab as a program', () => {
  it('prints its addresses as one line of JSON, serves, and stops on SIGTERM', async () => {
    const lab = run('--config', 'src/lab/doctor.yaml', '--port', '0');
    const lines = createInterface({ input: lab.stdout! });
    const [line] = (await once(lines, 'line')) as [string];
    const urls = JSON.parse(line) as Record<string, string>;
    expect(Object.keys(urls)).toEqual(['url', 'auth_url', 'compute_url', 'control_url', 'region']);
    expect((await fetch(urls['auth_url']!)).status).toBe(200);
    const picture = (await (await fetch(urls['control_url']!)).json()) as { servers: unknown[] };
    expect(picture.servers).toHaveLength(8);
    lab.kill('SIGTERM');
    expect(await exitOf(lab)).toBe(0);
  });

  it('refuses a wrong configuration with words that name the fields', async () => {
    const config = join(folder, 'wrong.yaml');
    writeFileSync(
      config,
      'hosts: [{name: a, vcpus: none}]\nprojects: [p]\nusers: [{name: u, project: q, roles: [member]}]\n',
    );
    const lab = run('--config', config);
    const [text, status] = await Promise.all([textOf(lab.stderr), exitOf(lab)]);
    expect(status).toBe(1);
    expect(text).toContain('hosts[0].vcpus');
  });

  it('says how it is used when no configuration is given', async () => {
    const lab = run();
    const [text, status] = await Promise.all([textOf(lab.stderr), exitOf(lab)]);
    expect(status).toBe(1);
    expect(text).toContain('--config');
  });
});
