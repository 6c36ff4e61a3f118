import { createReadStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Parser, Unpack, type ReadEntry } from 'tar';
import { DownloadFailed } from '../../engine/ports.ts';

/** How much may still be unpacked for a session; counted down. */
export interface UnpackLimits {
  bytes: number;
  entries: number;
}

const supported = /\.(tar|tar\.gz|tgz)$/;
const files = ['File', 'OldFile', 'ContiguousFile'];
const folders = ['Directory', 'GNUDumpDir'];

/**
 * Unpacks an archive into a folder. The list of its entries is read first: one that would leave the folder, or is neither
 * file nor folder, or is too much, refuses the whole archive before anything is written. Of the modes only the owner's
 * right to execute is kept.
 * @throws DownloadFailed, or the signal's reason
 */
export async function unpack(
  archive: string,
  folder: string,
  left: UnpackLimits,
  signal: AbortSignal,
): Promise<void> {
  const name = basename(archive);
  if (!supported.test(name)) {
    throw new DownloadFailed(
      `${name} cannot be unpacked: a package whose name has "workflow" or "actions" in it must be a .tar, .tar.gz or .tgz`,
    );
  }
  const list: Parser = new Parser({
    strict: true,
    onReadEntry: (entry) => {
      const problem = problemOf(entry) ?? excessOf(entry, left);
      if (problem === undefined) entry.resume();
      else list.abort(new DownloadFailed(`${name}: ${problem}`));
    },
  });
  await read(archive, list, signal);
  await mkdir(folder, { recursive: true });
  const unpacked = new Unpack({ cwd: folder, strict: true, preserveOwner: false, filter: withOurMode });
  await read(archive, unpacked, signal);
}

/** Feeds a parser of archives, which is not a stream of Node.js, and waits until it is done. */
async function read(archive: string, parser: Parser, signal: AbortSignal): Promise<void> {
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      if (parser.write(chunk)) done();
      else parser.once('drain', () => done());
    },
    final: (done) => {
      parser.once('close', () => done());
      parser.end();
    },
  });
  parser.on('error', (error: Error) => sink.destroy(error));
  try {
    await pipeline(createReadStream(archive), sink, { signal });
  } catch (error) {
    if (signal.aborted || error instanceof DownloadFailed) throw error;
    throw new DownloadFailed(`${basename(archive)} cannot be unpacked: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** Counts an entry. */
function excessOf({ size }: ReadEntry, left: UnpackLimits): string | undefined {
  left.entries -= 1;
  left.bytes -= size;
  if (left.entries < 0) return 'it has too many entries';
  return left.bytes < 0 ? 'it is too large once it is unpacked' : undefined;
}

/** Links and devices have no place in a package of programs: refusing them leaves no way out of the folder. */
function problemOf({ path, type }: ReadEntry): string | undefined {
  if (!files.includes(type) && !folders.includes(type)) {
    return `${path} is neither a file nor a folder but a ${type}`;
  }
  if (path.startsWith('/') || path.split('/').includes('..') || path.includes('\\')) {
    return `${path} would leave the folder`;
  }
  return undefined;
}

/** Whatever the archive says: we can remove it again, and nobody else is given anything. */
function withOurMode(_path: string, entry: unknown): boolean {
  const { type, mode = 0 } = entry as ReadEntry;
  (entry as ReadEntry).mode = folders.includes(type) ? 0o700 : 0o600 | (mode & 0o100);
  return true;
}
