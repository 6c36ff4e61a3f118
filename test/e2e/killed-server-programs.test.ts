import { existsSync, watch } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dataOf } from '../../src/sdk/index.ts';
import { kill, onceIssued, onceSucceeded, playWell, playWithKills, seen } from '../support/kills.ts';
import { allHostsEnabled, endOf, eventually, expectDone, type AtEnd } from '../support/stage.ts';

async function temporaryFolder(atEnd: AtEnd): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fenix-killed-'));
  atEnd(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A plug-in that notes each of its runs and goes on once it may. Anybody can watch the notes. */
async function notingPlugin(atEnd: AtEnd, afterCrash: 'repeat' | 'fail') {
  const folder = await temporaryFolder(atEnd);
  const plugins = join(folder, 'plugins');
  const notes = join(folder, 'notes');
  await mkdir(plugins);
  await mkdir(notes);
  const script =
    `#!/bin/sh\necho "$FENIX_HOST $FENIX_REPEATED" > "${notes}/$$"\n` +
    `until [ -e "${folder}/go" ]; do sleep 0.05; done\n`;
  await writeFile(join(plugins, 'noting'), script);
  await chmod(join(plugins, 'noting'), 0o755);
  await writeFile(join(plugins, 'noting.yaml'), `after_crash: ${afterCrash}\n`);
  return {
    plugins,
    mayEnd: () => writeFile(join(folder, 'go'), ''),
    runs: async () =>
      (await Promise.all((await readdir(notes)).map((file) => readFile(join(notes, file), 'utf8')))).map(
        (line) => line.trim(),
      ),
    watch: (see: (what: string) => void) => {
      const watcher = watch(notes, () => see('a run'));
      atEnd(() => {
        watcher.close();
        return Promise.resolve();
      });
    },
  };
}

/** Serves one file, and tells when it is asked for; the first request is left without an answer. */
async function slowMirror(atEnd: AtEnd) {
  let see: (what: string) => void = () => undefined;
  const held: ServerResponse[] = [];
  const server = createServer((_request, response) => {
    if (held.length === 0) held.push(response);
    else response.end('a package');
    see('a download');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/package.txt`,
    watch: (tell: (what: string) => void) => void (see = tell),
  };
}

describe.concurrent(
  'a session with programs and packages whose server is killed',
  { timeout: 300_000 },
  () => {
    it('runs a plug-in again that may be repeated, and every other once', async ({ onTestFinished }) => {
      const plugin = await notingPlugin(onTestFinished, 'repeat');
      const { detail } = await playWell(
        { onTestFinished },
        {
          steps: [
            ...onceIssued('run_plugin'),
            kill(seen('a run')),
            { act: () => void plugin.mayEnd() },
            ...onceSucceeded('run_plugin'),
          ],
          server: { FENIX_PLUGINS_FOLDER: plugin.plugins },
          wish: { actions: [{ plugin: 'noting', type: 'host' }] },
          watch: plugin.watch,
        },
      );
      const runs = await plugin.runs();
      const fresh = runs.filter((run) => run.endsWith('false'));
      expect([...new Set(fresh)]).toEqual(fresh);
      expect(runs.filter((run) => run.endsWith('true')).length).toBeGreaterThan(0);
      expect(new Set(runs.map((run) => run.split(' ')[0]))).toEqual(
        new Set(detail.hosts.map(({ hostname }) => hostname)),
      );
      expect(detail.action_plugin_instances.map(({ state }) => state)).toEqual(
        detail.hosts.map(() => 'DONE'),
      );
    });

    it('fails with a plug-in that may not be repeated, and goes on when it is continued', async ({
      onTestFinished,
    }) => {
      const plugin = await notingPlugin(onTestFinished, 'fail');
      const { clients, detail, sessionId } = await playWithKills(onTestFinished, {
        steps: [kill(seen('a run'))],
        server: { FENIX_PLUGINS_FOLDER: plugin.plugins },
        wish: { actions: [{ plugin: 'noting', type: 'compute' }] },
        watch: plugin.watch,
      });
      expect(detail.state).toBe('MAINTENANCE_FAILED');
      expect(detail.failure_reason).toContain('noting was broken off');
      expect(await plugin.runs()).toHaveLength(1);
      await plugin.mayEnd();
      const params = { path: { session_id: sessionId } };
      dataOf(await clients.admin.PUT('/v1/maintenance/{session_id}', { params, body: {} }));
      const ended = expectDone(await endOf(clients.admin, sessionId));
      expect(ended.hosts.every(({ maintained }) => maintained)).toBe(true);
      await allHostsEnabled(clients);
      const hosts = (await plugin.runs()).map((run) => run.split(' ')[0]);
      expect(hosts).toHaveLength(1 + new Set(hosts).size);
    });

    it('fetches its packages from the start, keeps them, and removes them with the session', async ({
      onTestFinished,
    }) => {
      const mirror = await slowMirror(onTestFinished);
      const folder = await temporaryFolder(onTestFinished);
      const { sessionId } = await playWell(
        { onTestFinished },
        {
          steps: [
            ...onceIssued('fetch_downloads'),
            kill(seen('a download')),
            ...onceSucceeded('fetch_downloads'),
          ],
          server: { FENIX_DOWNLOADS_FOLDER: folder, FENIX_DOWNLOADS_ALLOWED_HOSTS: '127.0.0.1' },
          wish: { download: [mirror.url] },
          watch: mirror.watch,
          afterwards: {
            steps: [...onceIssued('remove_downloads'), ...onceSucceeded('remove_downloads')],
            act: async (played) => {
              expect(existsSync(join(folder, played.sessionId))).toBe(true);
              const params = { path: { session_id: played.sessionId } };
              await played.clients.admin.DELETE('/v1/maintenance/{session_id}', { params });
            },
          },
        },
      );
      await eventually(() => expect(existsSync(join(folder, sessionId))).toBe(false));
      expect(await readdir(folder)).toEqual([]);
    });
  },
);
