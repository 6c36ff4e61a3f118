import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  SessionDownloads,
  type SessionDownloadsOptions,
} from '../../../src/adapters/downloads/session-downloads.ts';
import type { Download } from '../../../src/domain/action-plugin.ts';
import { DownloadFailed } from '../../../src/engine/ports.ts';
import { temporaryFolder } from '../../support/plugin-files.ts';
import type { AtEnd } from '../../support/stage.ts';
import { startPackageMirror } from '../../support/package-mirror.ts';

const sessionId = '7b1f0c52-4d2e-11ee-9c5a-0242ac120003';
const never = new AbortController().signal;
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

async function sessionDownloads(atEnd: AtEnd, change: Partial<SessionDownloadsOptions> = {}) {
  const folder = join(await temporaryFolder(atEnd, 'fenix-downloads-'), 'downloads');
  const options = { folder, allowedHosts: ['127.0.0.1'], maxBytes: 1_000_000, timeoutSeconds: 60, ...change };
  const downloads = new SessionDownloads(options);
  atEnd(() => downloads.close());
  const failure = async (wanted: readonly Download[], signal = never): Promise<string> => {
    const error = await downloads.fetch(sessionId, wanted, signal).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(DownloadFailed);
    // Whatever went wrong, nothing is left of it.
    expect(existsSync(folder) ? await readdir(folder) : []).toEqual([]);
    return (error as Error).message;
  };
  return { folder: join(folder, sessionId), all: folder, downloads, failure };
}

describe('packages of a session', () => {
  it('are kept in a folder of its own that nobody else may read', async ({ onTestFinished }) => {
    const mirror = await startPackageMirror(onTestFinished, {
      '/a/notes.txt?key=1': 'notes',
      '/fw%20two.bin': 'fw',
    });
    const { downloads, folder, all } = await sessionDownloads(onTestFinished);
    const urls = [`${mirror.url}/a/notes.txt?key=1`, `${mirror.url}/fw%20two.bin`];
    const files = await downloads.fetch(
      sessionId,
      urls.map((url) => ({ url })),
      never,
    );
    expect(files).toEqual(['fw_two.bin', 'notes.txt']);
    expect(await readFile(join(folder, 'notes.txt'), 'utf8')).toBe('notes');
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await stat(join(folder, 'notes.txt'))).mode & 0o777).toBe(0o600);
    expect(await readdir(all)).toEqual([sessionId]);
  });

  it('are fetched from scratch when they are fetched again', async ({ onTestFinished }) => {
    const mirror = await startPackageMirror(onTestFinished, { '/one': 'new' });
    const { downloads, folder } = await sessionDownloads(onTestFinished);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'one'), 'old');
    await mkdir(`${folder}.partial`);
    await writeFile(join(`${folder}.partial`, 'half'), 'a crash left this');
    expect(await downloads.fetch(sessionId, [{ url: `${mirror.url}/one` }], never)).toEqual(['one']);
    expect(await readFile(join(folder, 'one'), 'utf8')).toBe('new');
  });

  it('are removed with the session, also those that were being fetched', async ({ onTestFinished }) => {
    const mirror = await startPackageMirror(onTestFinished, { '/one': '1' });
    const { downloads, folder, all } = await sessionDownloads(onTestFinished);
    await downloads.fetch(sessionId, [{ url: `${mirror.url}/one` }], never);
    await mkdir(`${folder}.partial`);
    await writeFile(join(all, 'other'), 'of somebody else');
    await downloads.remove(sessionId);
    await downloads.remove(sessionId);
    expect(await readdir(all)).toEqual(['other']);
    await expect(downloads.remove('../other')).rejects.toThrow('is no id of a session');
  });

  it('do not follow a link that was laid in the place of the folder', async ({ onTestFinished }) => {
    const mirror = await startPackageMirror(onTestFinished, { '/one': '1' });
    const { downloads, folder, all } = await sessionDownloads(onTestFinished);
    const elsewhere = join(all, 'elsewhere');
    await mkdir(elsewhere, { recursive: true });
    await writeFile(join(elsewhere, 'precious'), '');
    await symlink(elsewhere, folder);
    await symlink(elsewhere, `${folder}.partial`);
    await downloads.fetch(sessionId, [{ url: `${mirror.url}/one` }], never);
    expect(await readdir(elsewhere)).toEqual(['precious']);
    expect(await readdir(folder)).toEqual(['one']);
  });
});

describe('an address', () => {
  it('is refused everywhere where no host is allowed', async ({ onTestFinished }) => {
    const { downloads } = await sessionDownloads(onTestFinished, { allowedHosts: [] });
    expect(downloads.refusal({ url: 'http://repo.example.org/fw' })).toBe(
      'http://repo.example.org/fw may not be fetched: no host is allowed (downloads.allowed_hosts)',
    );
  });

  it.for([
    ['https://repo.example.org/fw.tgz', undefined],
    ['https://a.b.example.org/fw.tgz', undefined],
    ['http://exact.example.net:8080/fw', undefined],
    ['https://example.org/fw', 'not allowed on this site'],
    ['https://example.org.evil.example/fw', 'not allowed on this site'],
    ['http://11.1.2.3/fw', 'not allowed on this site'],
    ['http://169.254.169.254/latest/meta-data', 'not allowed on this site'],
    ['ftp://repo.example.org/fw', 'use http:// or https://'],
    ['file:///etc/passwd', 'use http:// or https://'],
    ['/etc/passwd', 'is not a URL'],
    ['https://repo.example.org/', 'names no file'],
    ['https://repo.example.org/actions', 'names no file'],
    ['https://repo.example.org/a/workflow', 'names no file'],
    ['https://repo.example.org/%2e%2e', 'names no file'],
    ['https://user:secret@repo.example.org/fw', 'with a user or a password'],
  ] as const)('%s: %s', async ([url, refusal], { onTestFinished }) => {
    const allowedHosts = ['*.example.org', 'exact.example.net'];
    const { downloads } = await sessionDownloads(onTestFinished, { allowedHosts });
    const said = downloads.refusal({ url });
    if (refusal === undefined) expect(said).toBeUndefined();
    else expect(said).toContain(refusal);
    expect(said ?? '').not.toContain('secret');
  });

  it('may be one of a network', async ({ onTestFinished }) => {
    const { downloads } = await sessionDownloads(onTestFinished, { allowedHosts: ['10.0.0.0/8'] });
    expect(downloads.refusal({ url: 'http://10.1.2.3/fw' })).toBeUndefined();
    expect(downloads.refusal({ url: 'http://11.1.2.3/fw' })).toContain('not allowed on this site');
  });

  it('is refused when it is fetched, too', async ({ onTestFinished }) => {
    const { failure } = await sessionDownloads(onTestFinished);
    expect(await failure([{ url: 'http://127.0.0.2/fw' }])).toContain('not allowed on this site');
  });

  it('is refused where its name leads to a refused place', async ({ onTestFinished }) => {
    const { failure } = await sessionDownloads(onTestFinished, { allowedHosts: ['10.0.0.0/8'] });
    expect(await failure([{ url: 'http://localhost:1/fw' }])).toContain('not allowed on this site');
  });
});

describe('a redirect', () => {
  const to =
    (location: string): RequestListener =>
    (_request, response) =>
      void response.writeHead(302, { location }).end('elsewhere');

  it('is followed, and the file has the name that was asked for', async ({ onTestFinished }) => {
    const mirror = await startPackageMirror(onTestFinished, {
      '/fw': to('/store/5f3a'),
      '/store/5f3a': 'fw 7.2',
    });
    const { downloads } = await sessionDownloads(onTestFinished);
    expect(await downloads.fetch(sessionId, [{ url: `${mirror.url}/fw` }], never)).toEqual(['fw']);
  });

  it.for([
    ['http://127.0.0.2/fw', 'not allowed on this site'],
    ['http://169.254.169.254/fw', 'not allowed on this site'],
    ['file:///etc/passwd', 'use http:// or https://'],
    ['http://[', 'which is no address'],
  ] as const)('is refused that leads to %s', async ([location, said], { onTestFinished }) => {
    const mirror = await startPackageMirror(onTestFinished, { '/fw': to(location) });
    const { failure } = await sessionDownloads(onTestFinished);
    const message = await failure([{ url: `${mirror.url}/fw` }]);
    expect(message).toContain(`${mirror.url}/fw`);
    expect(message).toContain(said);
  });

  it('is followed five times at most', async ({ onTestFinished }) => {
    const mirror = await startPackageMirror(onTestFinished, { '/fw': to('/fw') });
    const { failure } = await sessionDownloads(onTestFinished);
    expect(await failure([{ url: `${mirror.url}/fw` }])).toBe(
      `${mirror.url}/fw was redirected more than 5 times`,
    );
    expect(mirror.asked).toHaveLength(6);
  });
});

describe('a package is refused', () => {
  it('whose SHA-256 is another', async ({ onTestFinished }) => {
    const mirror = await startPackageMirror(onTestFinished, { '/fw': 'tampered' });
    const { failure, downloads } = await sessionDownloads(onTestFinished);
    const url = `${mirror.url}/fw`;
    expect(await failure([{ url, sha256: sha256('genuine') }])).toBe(
      `${url}: its SHA-256 is ${sha256('tampered')}, and not ${sha256('genuine')} as the session says`,
    );
    await downloads.fetch(sessionId, [{ url, sha256: sha256('tampered') }], never);
  });

  it('that is too large, and so are all together', async ({ onTestFinished }) => {
    const files = { '/large': 'x'.repeat(1_001), '/a': 'x'.repeat(600), '/b': 'x'.repeat(600) };
    const mirror = await startPackageMirror(onTestFinished, files);
    const { failure } = await sessionDownloads(onTestFinished, { maxBytes: 1_000 });
    const message = 'the downloads of the session are larger than 1000 bytes';
    expect(await failure([{ url: `${mirror.url}/large` }])).toContain(message);
    expect(await failure([{ url: `${mirror.url}/a` }, { url: `${mirror.url}/b` }])).toContain(message);
  });

  it('that has no end', async ({ onTestFinished }) => {
    const mirror = await startPackageMirror(onTestFinished, {
      '/endless': (_request, response) => {
        const more = () => {
          while (!response.destroyed && response.write('x'.repeat(65_536)));
          if (!response.destroyed) response.once('drain', more);
        };
        more();
      },
    });
    const { failure } = await sessionDownloads(onTestFinished);
    expect(await failure([{ url: `${mirror.url}/endless` }])).toContain('larger than 1000000 bytes');
  });

  it('that takes too long', async ({ onTestFinished }) => {
    const mirror = await startPackageMirror(onTestFinished, {
      '/slow': (_request, response) => void response.write('x'),
      '/silent': () => undefined,
    });
    const { failure } = await sessionDownloads(onTestFinished, { timeoutSeconds: 1 });
    expect(await failure([{ url: `${mirror.url}/slow` }])).toBe('the downloads took longer than 1 s');
    expect(await failure([{ url: `${mirror.url}/silent` }])).toBe('the downloads took longer than 1 s');
  });

  it('that is not there, or whose server is away', async ({ onTestFinished }) => {
    const mirror = await startPackageMirror(onTestFinished, {});
    const { failure } = await sessionDownloads(onTestFinished);
    expect(await failure([{ url: `${mirror.url}/fw` }])).toBe(`${mirror.url}/fw was answered with 404`);
    expect(await failure([{ url: 'http://127.0.0.1:1/fw' }])).toMatch(
      /^http:\/\/127\.0\.0\.1:1\/fw cannot be fetched: .*ECONNREFUSED/,
    );
  });

  it('that breaks off in its middle', async ({ onTestFinished }) => {
    const mirror = await startPackageMirror(onTestFinished, {
      '/fw': (_request, response) => {
        response.writeHead(200, { 'content-length': '1000' });
        response.write('half', () => response.destroy());
      },
    });
    const { failure } = await sessionDownloads(onTestFinished);
    expect(await failure([{ url: `${mirror.url}/fw` }])).toContain(`${mirror.url}/fw broke off: `);
  });

  it('that has the name of another', async ({ onTestFinished }) => {
    const mirror = await startPackageMirror(onTestFinished, { '/a/fw': 'one', '/b/fw': 'two' });
    const { failure } = await sessionDownloads(onTestFinished);
    expect(await failure([{ url: `${mirror.url}/a/fw` }, { url: `${mirror.url}/b/fw` }])).toBe(
      `${mirror.url}/b/fw: another download is named fw, too`,
    );
  });
});

it('ends at once when its signal aborts, with the reason of the signal', async ({ onTestFinished }) => {
  const controller = new AbortController();
  const mirror = await startPackageMirror(onTestFinished, {
    '/fw': () => controller.abort(new Error('stopping')),
  });
  const { downloads, all } = await sessionDownloads(onTestFinished);
  await expect(downloads.fetch(sessionId, [{ url: `${mirror.url}/fw` }], controller.signal)).rejects.toThrow(
    'stopping',
  );
  expect(await readdir(all)).toEqual([]);
});
