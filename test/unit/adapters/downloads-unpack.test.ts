import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { SessionDownloads } from '../../../src/adapters/downloads/session-downloads.ts';
import { DownloadFailed } from '../../../src/engine/ports.ts';
import { temporaryFolder, writeScript } from '../../support/plugin-files.ts';
import type { AtEnd } from '../../support/stage.ts';
import { tarOf, tgzOf, type ArchiveEntry } from '../../support/archives.ts';
import { startPackageMirror } from '../../support/package-mirror.ts';

const sessionId = '7b1f0c52-4d2e-11ee-9c5a-0242ac120003';

/** Fetches one package with this name and content. */
async function fetched(atEnd: AtEnd, name: string, content: Buffer, maxBytes = 1_000_000) {
  const home = await temporaryFolder(atEnd, 'fenix-unpack-');
  const folder = join(home, 'downloads');
  const mirror = await startPackageMirror(atEnd, { [`/${name}`]: content });
  const downloads = new SessionDownloads({
    folder,
    allowedHosts: ['127.0.0.1'],
    maxBytes,
    timeoutSeconds: 60,
  });
  atEnd(() => downloads.close());
  const fetch = () =>
    downloads.fetch(sessionId, [{ url: `${mirror.url}/${name}` }], new AbortController().signal);
  const failure = async (): Promise<string> => {
    const error = await fetch().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(DownloadFailed);
    expect(await readdir(folder)).toEqual([]);
    expect(await readdir(home)).toEqual(['downloads']);
    return (error as Error).message;
  };
  return { home, folder: join(folder, sessionId), fetch, failure };
}

describe('a package with actions or workflow in its name', () => {
  it.for([
    ['actions-bundle.tar', tarOf, 'actions'],
    ['my-actions-7.2.tar.gz', tgzOf, 'actions'],
    ['actions.tgz', tgzOf, 'actions'],
    ['workflow-site.tar.gz', tgzOf, 'workflow'],
  ] as const)('is unpacked (%s)', async ([name, archive, into], { onTestFinished }) => {
    const entries: ArchiveEntry[] = [
      { path: 'firmware', content: '#!/bin/sh\n', mode: 0o755 },
      { path: 'data/', type: 'Directory', mode: 0o755 },
      { path: 'data/level.txt', content: '7.2' },
    ];
    const { fetch, folder } = await fetched(onTestFinished, name, archive(entries));
    expect(await fetch()).toEqual([`${into}/data/level.txt`, `${into}/firmware`, name].sort());
    expect(await readFile(join(folder, into, 'data/level.txt'), 'utf8')).toBe('7.2');
  });

  it('keeps the right to execute, and no other right of others', async ({ onTestFinished }) => {
    const entries: ArchiveEntry[] = [
      { path: 'firmware', content: '#!/bin/sh\n', mode: 0o6777 },
      { path: 'unreadable', content: 'x', mode: 0o000 },
      { path: 'closed/', type: 'Directory', mode: 0o000 },
      { path: 'closed/data', content: 'x', mode: 0o444 },
    ];
    const { fetch, folder } = await fetched(onTestFinished, 'actions.tar', tarOf(entries));
    await fetch();
    const modeOf = async (path: string) => (await stat(join(folder, 'actions', path))).mode & 0o7777;
    expect(await modeOf('firmware')).toBe(0o700);
    expect(await modeOf('unreadable')).toBe(0o600);
    expect(await modeOf('closed')).toBe(0o700);
    expect(await modeOf('closed/data')).toBe(0o600);
  });

  it('may come from the tar of the system', async ({ onTestFinished }) => {
    const source = await temporaryFolder(onTestFinished, 'fenix-source-');
    const name = `a-rather-long-name-${'x'.repeat(150)}`;
    await writeScript(join(source, 'bundle'), 'firmware', 'true');
    await mkdir(join(source, 'bundle', 'lib'));
    await writeScript(join(source, 'bundle', 'lib'), name, 'true');
    const made = spawnSync('tar', ['-C', join(source, 'bundle'), '-czf', '-', '.'], { maxBuffer: 1e7 });
    const { fetch } = await fetched(onTestFinished, 'actions.tar.gz', made.stdout);
    expect(await fetch()).toEqual(['actions.tar.gz', 'actions/firmware', `actions/lib/${name}`]);
  });

  it.for(['actions.zip', 'actions.tar.xz', 'actions', 'run-actions.sh', 'actions.tar.bz2'])(
    'is refused where it cannot be unpacked (%s)',
    async (name, { onTestFinished }) => {
      const { failure } = await fetched(onTestFinished, name, tarOf([{ path: 'x', content: 'x' }]));
      expect(await failure()).toMatch(
        name === 'actions' ? /names no file/ : /must be a \.tar, \.tar\.gz or \.tgz$/,
      );
    },
  );
});

describe('an archive is refused', () => {
  const bad: readonly (readonly [string, readonly ArchiveEntry[], string])[] = [
    [
      'with an absolute name',
      [{ path: '/etc/cron.d/x', content: 'x' }],
      '/etc/cron.d/x would leave the folder',
    ],
    ['with .. in a name', [{ path: '../x', content: 'x' }], '../x would leave the folder'],
    ['with .. inside a name', [{ path: 'a/../../x', content: 'x' }], 'a/../../x would leave the folder'],
    ['with .. as a folder', [{ path: 'a/..', type: 'Directory' }], 'would leave the folder'],
    [
      'with a link that leaves',
      [
        { path: 'out', type: 'SymbolicLink', linkpath: '../..' },
        { path: 'out/x', content: 'x' },
      ],
      'out is neither a file nor a folder but a SymbolicLink',
    ],
    [
      'with a hard link',
      [{ path: 'passwd', type: 'Link', linkpath: '/etc/passwd' }],
      'passwd is neither a file nor a folder but a Link',
    ],
    ['with a device', [{ path: 'null', type: 'CharacterDevice' }], 'but a CharacterDevice'],
    ['with a pipe', [{ path: 'pipe', type: 'FIFO' }], 'but a FIFO'],
    [
      'with too many entries',
      Array.from({ length: 10_001 }, (_, index) => ({ path: `d${index}/`, type: 'Directory' as const })),
      'it has too many entries',
    ],
  ];

  it.for(bad)('%s', async ([, entries, said], { onTestFinished }) => {
    for (const archive of [tarOf, tgzOf]) {
      const { failure } = await fetched(onTestFinished, 'actions.tar.gz', archive(entries), 20_000_000);
      const message = await failure();
      expect(message).toContain('actions.tar.gz: ');
      expect(message).toContain(said);
    }
  });

  it('before anything is written, also when it begins well', async ({ onTestFinished }) => {
    const entries: ArchiveEntry[] = [
      { path: 'good', content: 'x' },
      { path: '../../../evil', content: 'x' },
    ];
    const { failure, home } = await fetched(onTestFinished, 'actions.tar', tarOf(entries));
    await failure();
    expect(existsSync(join(home, '..', 'evil'))).toBe(false);
  });

  it('that is small, and large once it is unpacked', async ({ onTestFinished }) => {
    const bomb = tgzOf([{ path: 'zeros', content: Buffer.alloc(50_000_000) }]);
    expect(bomb.length).toBeLessThan(100_000);
    const { failure } = await fetched(onTestFinished, 'actions.tgz', bomb);
    expect(await failure()).toMatch(/^actions\.tgz: it is too large once it is unpacked$/);
  });

  it('whose files count against the limit together with the packages', async ({ onTestFinished }) => {
    const entries = Array.from({ length: 10 }, (_, index) => ({
      path: `f${index}`,
      content: 'x'.repeat(40_000),
    }));
    const { failure } = await fetched(onTestFinished, 'actions.tar', tarOf(entries), 500_000);
    expect(await failure()).toContain('it is too large once it is unpacked');
  });

  it.for([
    ['that is none', Buffer.from('this is a text and no archive')],
    ['that is empty', Buffer.alloc(0)],
    ['that is cut off', tarOf([{ path: 'a', content: 'x'.repeat(5_000) }]).subarray(0, 2_000)],
    ['that is cut off in its compressed form', tgzOf([{ path: 'a', content: 'xyz' }]).subarray(0, 40)],
    ['that is no archive once it is decompressed', gzipSync('this is a text and no archive')],
    ['that says more than it has', tarOf([{ path: 'a', content: 'x', size: 100_000 }])],
  ] as const)('%s', async ([, content], { onTestFinished }) => {
    const { failure } = await fetched(onTestFinished, 'actions.tar.gz', content);
    expect(await failure()).toMatch(/^actions\.tar\.gz/);
  });
});
