import { describe, expect, it } from 'vitest';
import { DownloadRefused } from '../../../src/engine/maintenance-service.ts';
import { doctorScenario, EngineBench } from '../../support/engine-bench.ts';

const url = 'http://repo.example.net/actions-bundle.tar.gz';

async function started(): Promise<EngineBench> {
  const bench = new EngineBench();
  doctorScenario(bench);
  await bench.engine.start();
  return bench;
}

describe('packages of a session', () => {
  it('are there before anybody is told of it, and until it is deleted', async () => {
    const bench = await started();
    let toldBefore: number | undefined;
    const fetch = bench.downloads.fetch.bind(bench.downloads);
    bench.downloads.fetch = (...wanted) => {
      toldBefore = bench.notices.length;
      return fetch(...wanted);
    };
    const sessionId = await bench.open({ downloads: [{ url }] });
    const session = await bench.finish(sessionId);
    expect(session).toMatchObject({ state: 'MAINTENANCE_DONE', downloaded: ['actions-bundle.tar.gz'] });
    expect(toldBefore).toBe(0);
    expect([...bench.downloads.folders.keys()]).toEqual([sessionId]);
    await bench.engine.delete(sessionId);
    await bench.clock.runUntil(() => bench.journal.events(sessionId).at(-1)?.type === 'session_closed');
    expect([...bench.downloads.folders.keys()]).toEqual([]);
  });

  it('fail the session before anybody is told of it; continued, it fetches them anew', async () => {
    const bench = await started();
    const fetch = bench.downloads.fetch.bind(bench.downloads);
    bench.downloads.fetch = () => fetch('', [{ url: 'http://repo.example.net/broken' }]);
    const sessionId = await bench.open({ downloads: [{ url }] });
    const session = await bench.finish(sessionId);
    expect(session.failure).toBe(
      'its downloads cannot be used: http://repo.example.net/broken cannot be fetched',
    );
    expect(bench.notices).toEqual([]);
    bench.downloads.fetch = fetch;
    await bench.engine.continue(sessionId);
    expect((await bench.finish(sessionId)).state).toBe('MAINTENANCE_DONE');
  });

  it('must have the plug-ins that the folder has not: the session fails before anybody is told', async () => {
    const bench = await started();
    bench.plugins.manifests.set('bios', undefined);
    const actions = [{ plugin: 'bios', type: 'compute', metadata: {} }] as const;
    const session = await bench.finish(await bench.open({ downloads: [{ url }], actions }));
    expect(session.failure).toMatch(/^its downloads cannot be used: there is no action plug-in bios: /);
    expect(bench.notices).toEqual([]);
  });

  it('are removed when the session is deleted while they are fetched', async () => {
    const bench = await started();
    let aborted = false;
    bench.downloads.fetch = (sessionId: string, _wanted?: unknown, signal?: AbortSignal) =>
      new Promise((_resolve, reject) => {
        bench.downloads.folders.set(sessionId, ['half']);
        signal?.addEventListener('abort', () => {
          aborted = true;
          reject(new Error('aborted'));
        });
      });
    const sessionId = await bench.open({ downloads: [{ url }] });
    await bench.clock.runUntil(() => bench.downloads.folders.size === 1);
    await bench.engine.delete(sessionId);
    await bench.clock.runUntil(() => bench.journal.events(sessionId).at(-1)?.type === 'session_closed');
    expect({ aborted, left: bench.downloads.folders.size }).toEqual({ aborted: true, left: 0 });
  });

  it('are fetched from scratch after a kill in their middle', async () => {
    const bench = await started();
    const fetch = bench.downloads.fetch.bind(bench.downloads);
    let fetches = 0;
    bench.downloads.fetch = (...wanted) => {
      fetches += 1;
      return fetches === 1 ? new Promise(() => undefined) : fetch(...wanted);
    };
    const sessionId = await bench.open({ downloads: [{ url }] });
    await bench.clock.runUntil(() => fetches === 1);
    await bench.crash();
    expect((await bench.finish(sessionId)).state).toBe('MAINTENANCE_DONE');
    expect(fetches).toBe(2);
  });

  it('are refused at once from where the site does not allow it', async () => {
    const bench = await started();
    const refused = { url: 'http://refused.example.net/fw' };
    await expect(bench.open({ downloads: [{ url }, refused] })).rejects.toMatchObject({ index: 1 });
    await expect(bench.open({ downloads: [refused] })).rejects.toBeInstanceOf(DownloadRefused);
  });
});
