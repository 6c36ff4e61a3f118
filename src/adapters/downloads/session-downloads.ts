import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Agent, request, type Dispatcher } from 'undici';
import type { Download } from '../../domain/action-plugin.ts';
import { DownloadFailed, type Downloads } from '../../engine/ports.ts';
import { TargetRule } from '../http-client/target-rule.ts';
import { fileNameOf } from './file-name.ts';
import { unpack, type UnpackLimits } from './unpack.ts';

export interface SessionDownloadsOptions {
  /** Each session has a folder of its own in it. */
  readonly folder: string;
  /** Hosts that may be fetched from, as `TargetRule` reads them; none when empty. */
  readonly allowedHosts: readonly string[];
  /** For all files of a session together, also once they are unpacked. */
  readonly maxBytes: number;
  /** For all files of a session together. */
  readonly timeoutSeconds: number;
}

const mostRedirects = 5;
const mostEntries = 10_000;
const ownFolder = 0o700;
/** A timer cannot be set further ahead; it would go off at once. */
const longestTimerMilliseconds = 2_147_483_647;

/** Packages that sessions bring along, on the disk of this machine (facts 1.4). */
export class SessionDownloads implements Downloads {
  readonly #options: SessionDownloadsOptions;
  readonly #targets: TargetRule;
  readonly #agent: Dispatcher;

  constructor(options: SessionDownloadsOptions) {
    this.#options = options;
    this.#targets = new TargetRule(options.allowedHosts, undefined, 'fetching from');
    this.#agent = new Agent({ connect: { lookup: this.#targets.lookup } });
  }

  refusal({ url }: Download): string | undefined {
    // Before the address is repeated in a message: it is journalled and shown, which is no place for a password.
    if (hasUserInfo(url)) return 'an address with a user or a password in it may not be fetched';
    if (this.#options.allowedHosts.length === 0) {
      return `${url} may not be fetched: no host is allowed (downloads.allowed_hosts)`;
    }
    return this.#targets.refusal(url) ?? (fileNameOf(url) === undefined ? `${url} names no file` : undefined);
  }

  async fetch(
    sessionId: string,
    downloads: readonly Download[],
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    const limit = AbortSignal.timeout(
      Math.min(this.#options.timeoutSeconds * 1000, longestTimerMilliseconds),
    );
    const folder = this.#folderOf(sessionId);
    const partial = `${folder}.partial`;
    try {
      await rm(partial, { recursive: true, force: true });
      await mkdir(this.#options.folder, { recursive: true, mode: ownFolder });
      // Fails if it is there again: in /tmp anybody can make one, and fill it.
      await mkdir(partial, { mode: ownFolder });
      await this.#fetchAll(downloads, partial, AbortSignal.any([signal, limit]));
      await rm(folder, { recursive: true, force: true });
      await rename(partial, folder);
      return await filesIn(folder);
    } catch (error) {
      await rm(partial, { recursive: true, force: true });
      if (signal.aborted) throw signal.reason;
      if (error instanceof DownloadFailed) throw error;
      if (limit.aborted) {
        throw new DownloadFailed(`the downloads took longer than ${this.#options.timeoutSeconds} s`);
      }
      throw new DownloadFailed(explain(error), { cause: error });
    }
  }

  async remove(sessionId: string): Promise<void> {
    const folder = this.#folderOf(sessionId);
    await rm(folder, { recursive: true, force: true });
    await rm(`${folder}.partial`, { recursive: true, force: true });
  }

  /** Lets go of connections. */
  async close(): Promise<void> {
    await this.#agent.close();
  }

  /** Ids are made by us; what is not one must not become a path. */
  #folderOf(sessionId: string): string {
    if (!/^[\w-]+$/.test(sessionId)) throw new DownloadFailed(`"${sessionId}" is no id of a session`);
    return join(this.#options.folder, sessionId);
  }

  async #fetchAll(downloads: readonly Download[], folder: string, signal: AbortSignal): Promise<void> {
    const left: UnpackLimits = { bytes: this.#options.maxBytes, entries: mostEntries };
    const names = new Set<string>();
    for (const download of downloads) {
      const refused = this.refusal(download);
      const name = fileNameOf(download.url);
      if (refused !== undefined || name === undefined) throw new DownloadFailed(refused ?? download.url);
      if (names.has(name))
        throw new DownloadFailed(`${download.url}: another download is named ${name}, too`);
      names.add(name);
      await this.#fetchOne(download, join(folder, name), left, signal);
      const kind = /workflow/.test(name) ? 'workflow' : /actions/.test(name) ? 'actions' : undefined;
      if (kind !== undefined) await unpack(join(folder, name), join(folder, kind), left, signal);
    }
  }

  async #fetchOne(
    { url, sha256 }: Download,
    file: string,
    left: UnpackLimits,
    signal: AbortSignal,
  ): Promise<void> {
    const { body } = await this.#get(url, signal);
    const hash = createHash('sha256');
    const { maxBytes } = this.#options;
    const counted = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        left.bytes -= chunk.length;
        hash.update(chunk);
        if (left.bytes >= 0) done(null, chunk);
        else
          done(new DownloadFailed(`${url}: the downloads of the session are larger than ${maxBytes} bytes`));
      },
    });
    const kept = createWriteStream(file, { flags: 'wx', mode: 0o600 });
    await pipeline(body, counted, kept, { signal }).catch((error: unknown) => {
      if (signal.aborted || error instanceof DownloadFailed) throw error;
      throw new DownloadFailed(`${url} broke off: ${explain(error)}`, { cause: error });
    });
    const found = hash.digest('hex');
    if (sha256 !== undefined && found !== sha256) {
      throw new DownloadFailed(`${url}: its SHA-256 is ${found}, and not ${sha256} as the session says`);
    }
  }

  /** Redirects are followed to hosts that are allowed, too. */
  async #get(url: string, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    let address = url;
    for (let redirects = 0; redirects <= mostRedirects; redirects += 1) {
      const refused = this.#targets.refusal(address);
      if (refused !== undefined) throw new DownloadFailed(`${url}: ${refused}`);
      const answer = await this.#request(address, signal);
      if (answer.statusCode === 200) return answer;
      await answer.body.dump();
      const { location } = answer.headers;
      if (answer.statusCode < 300 || answer.statusCode >= 400 || typeof location !== 'string') {
        throw new DownloadFailed(`${url} was answered with ${answer.statusCode}`);
      }
      if (!URL.canParse(location, address)) {
        throw new DownloadFailed(`${url} was redirected to "${location}", which is no address`);
      }
      address = new URL(location, address).href;
    }
    throw new DownloadFailed(`${url} was redirected more than ${mostRedirects} times`);
  }

  async #request(address: string, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    try {
      return await request(address, { dispatcher: this.#agent, signal });
    } catch (error) {
      if (signal.aborted) throw error;
      throw new DownloadFailed(`${address} cannot be fetched: ${explain(error)}`, { cause: error });
    }
  }
}

const hasUserInfo = (url: string): boolean => {
  const { username, password } = URL.canParse(url) ? new URL(url) : { username: '', password: '' };
  return username !== '' || password !== '';
};

async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

/** undici hides the cause of a connection that failed; one for each address has no message of its own. */
function explain(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(explain).join(', ');
  const { message, cause } = error as Error;
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}
