import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder, writeScript } from '../support/plugin-files.ts';
import { tgzOf } from '../support/archives.ts';
import { startPackageMirror } from '../support/package-mirror.ts';
import { heardBy } from '../support/stage-notices.ts';
import {
  endOf,
  eventually,
  expectDone,
  failureOf,
  openSession,
  startTestStage,
  type AtEnd,
} from '../support/stage.ts';

/** A stage that may fetch from a mirror on the loopback, with one plug-in of its own. */
async function stageWithMirror(atEnd: AtEnd) {
  const home = await temporaryFolder(atEnd);
  const notes = join(home, 'notes');
  const note = (words: string) => `#!/bin/sh\necho "${words} $FENIX_HOST" >> ${notes}\n`;
  const plugins = join(home, 'plugins');
  await writeScript(plugins, 'stage', note('own stage'));
  const bundle = tgzOf([
    { path: 'bios', content: note('brought bios'), mode: 0o755 },
    { path: 'bios.yaml', content: 'timeout_seconds: 60\n' },
    { path: 'stage', content: note('brought stage'), mode: 0o755 },
  ]);
  const mirror = await startPackageMirror(atEnd, {
    '/fw/actions-bundle.tar.gz': bundle,
    '/workflow-site.tgz': tgzOf([{ path: 'site.py', content: 'class Workflow: pass\n' }]),
    '/readme.txt': 'read me',
  });
  const folder = join(home, 'downloads');
  const stage = await startTestStage(atEnd, {
    server: {
      FENIX_PLUGINS_FOLDER: plugins,
      FENIX_DOWNLOADS_FOLDER: folder,
      FENIX_DOWNLOADS_ALLOWED_HOSTS: '127.0.0.1',
    },
  });
  const noted = async () => (await readFile(notes, 'utf8').catch(() => '')).trim().split('\n').sort();
  const sha256 = createHash('sha256').update(bundle).digest('hex');
  return { stage, mirror, folder, noted, bundle: { url: `${mirror.url}/fw/actions-bundle.tar.gz`, sha256 } };
}

describe.concurrent('a session that brings packages along', () => {
  it('uses the plug-ins in them, and removes them when it is deleted', async ({ onTestFinished }) => {
    const { stage, mirror, folder, noted, bundle } = await stageWithMirror(onTestFinished);
    const sessionId = await openSession(stage.admin, {
      download: [
        { url: bundle.url, sha256: bundle.sha256.toUpperCase() },
        `${mirror.url}/workflow-site.tgz`,
        { url: `${mirror.url}/readme.txt` },
      ],
      actions: [
        { plugin: 'bios', type: 'compute' },
        { plugin: 'stage', type: 'pre' },
      ],
    });
    const detail = expectDone(await endOf(stage.admin, sessionId));
    // The site's own plug-in goes before one that is brought along under its name.
    expect(await noted()).toEqual([
      'brought bios compute-1',
      'brought bios compute-2',
      'brought bios compute-3',
      'brought bios compute-4',
      'own stage localhost',
    ]);
    expect(detail.downloads.map(({ url, sha256, fetched }) => ({ url, sha256, fetched }))).toEqual([
      { url: bundle.url, sha256: bundle.sha256, fetched: true },
      { url: `${mirror.url}/workflow-site.tgz`, sha256: null, fetched: true },
      { url: `${mirror.url}/readme.txt`, sha256: null, fetched: true },
    ]);
    expect((await readdir(join(folder, sessionId), { recursive: true })).sort()).toEqual([
      'actions',
      'actions-bundle.tar.gz',
      'actions/bios',
      'actions/bios.yaml',
      'actions/stage',
      'readme.txt',
      'workflow',
      'workflow-site.tgz',
      'workflow/site.py',
    ]);
    const params = { path: { session_id: sessionId } };
    expect((await stage.admin.DELETE('/v1/maintenance/{session_id}', { params })).response.status).toBe(200);
    await eventually(() => expect(existsSync(join(folder, sessionId))).toBe(false));
    expect(await readdir(folder)).toEqual([]);
  });

  it.for([
    [
      'whose SHA-256 is another',
      { sha256: '0'.repeat(64) },
      [],
      /its SHA-256 is [0-9a-f]{64}, and not 0{64}/,
    ],
    [
      'without a plug-in that it asks for',
      {},
      [{ plugin: 'kernel', type: 'compute' as const }],
      /no action plug-in kernel/,
    ],
  ] as const)(
    'fails with one %s, before any project is told',
    async ([, change, actions, said], { onTestFinished }) => {
      const { stage, folder, bundle } = await stageWithMirror(onTestFinished);
      const sessionId = await openSession(stage.admin, {
        download: [{ url: bundle.url, ...change }],
        actions: [...actions],
      });
      const { reason, detail } = await failureOf(stage.admin, sessionId);
      expect(reason).toMatch(/^its downloads cannot be used: /);
      expect(reason).toMatch(said);
      expect(detail.projects).toEqual([]);
      expect(detail.downloads.map(({ fetched }) => fetched)).toEqual([false]);
      expect(heardBy(stage)).toEqual([]);
      const params = { path: { session_id: sessionId } };
      await stage.admin.DELETE('/v1/maintenance/{session_id}', { params });
      await eventually(async () => expect(existsSync(folder) ? await readdir(folder) : []).toEqual([]));
    },
  );

  it('is refused where the site does not allow the address', async ({ onTestFinished }) => {
    const { stage } = await stageWithMirror(onTestFinished);
    const maintenance_at = '2036-11-03 02:30:00';
    for (const url of [
      'http://127.0.0.2/fw.tgz',
      'http://169.254.169.254/x',
      'file:///etc/passwd',
      'ftp://127.0.0.1/x',
    ]) {
      const { response, error } = await stage.admin.POST('/v1/maintenance', {
        body: { workflow: 'default', state: 'MAINTENANCE', maintenance_at, metadata: {}, download: [url] },
      });
      expect(response.status, url).toBe(422);
      expect(JSON.stringify(error)).toContain('/download');
    }
  });
});
