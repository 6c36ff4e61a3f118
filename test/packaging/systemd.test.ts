import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkout } from './image-file.ts';

const run = promisify(execFile);
const unit = join(checkout, 'packaging/systemd/fenix.service');

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fenix-systemd-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('fenix.service', () => {
  test('has nothing that systemd would refuse or ignore', async () => {
    // The program may be elsewhere on this machine; its arguments and all else are checked.
    const path = join(folder, 'fenix.service');
    const text = await readFile(unit, 'utf8');
    await writeFile(path, text.replace('ExecStart=/usr/bin/node ', `ExecStart=${process.execPath} `));
    const { stdout, stderr } = await run('systemd-analyze', ['verify', '--man=no', path]);
    expect(stdout + stderr).toBe('');
    // The check finds faults.
    await writeFile(path, text.replace('ProtectSystem=strict', 'ProtectSystem=mostly'));
    const { stderr: complaint } = await run('systemd-analyze', ['verify', '--man=no', path]);
    expect(complaint).toContain('ignoring: mostly');
  });

  test('is confined: systemd itself rates its exposure below 2.5 of 10', async () => {
    // Fails with a status of its own above the threshold.
    await run('systemd-analyze', ['security', '--offline=yes', '--threshold=25', unit]);
  });

  test('has a user that systemd-sysusers can make', async () => {
    const { stdout, stderr } = await run('systemd-sysusers', [
      '--dry-run',
      `--root=${folder}`,
      join(checkout, 'packaging/systemd/fenix.sysusers.conf'),
    ]);
    expect(stdout + stderr).toContain("Creating user 'fenix'");
  });
});
