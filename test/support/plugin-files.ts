/** Folders of plug-ins for tests. */
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AtEnd } from './stage.ts';

/** A folder that is removed at the end of the test. */
export async function temporaryFolder(atEnd: AtEnd, name = 'fenix-plugins-'): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), name));
  atEnd(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes a shell script that can be run. @returns its path */
export async function writeScript(folder: string, name: string, body: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, name);
  await writeFile(path, body.startsWith('#!') ? body : `#!/bin/sh\n${body}\n`);
  await chmod(path, 0o755);
  return path;
}
