/** Archives for tests, byte by byte: also those that no tool would make. */
import { gzipSync } from 'node:zlib';
import { Header } from 'tar';

export interface ArchiveEntry {
  readonly path: string;
  readonly content?: string | Buffer;
  readonly mode?: number;
  readonly type?: 'File' | 'Directory' | 'SymbolicLink' | 'Link' | 'CharacterDevice' | 'FIFO';
  readonly linkpath?: string;
  /** What the header says, where it is not the truth. */
  readonly size?: number;
}

const block = 512;

/** A tar archive with these entries. */
export function tarOf(entries: readonly ArchiveEntry[]): Buffer {
  return Buffer.concat([...entries.flatMap(bytesOf), Buffer.alloc(2 * block)]);
}

/** A compressed one. */
export function tgzOf(entries: readonly ArchiveEntry[]): Buffer {
  return gzipSync(tarOf(entries));
}

function bytesOf({
  path,
  content = '',
  mode = 0o644,
  type = 'File',
  linkpath,
  size,
}: ArchiveEntry): Buffer[] {
  const body = Buffer.from(content);
  const header = Buffer.alloc(block);
  const fields = { path, mode, type, size: size ?? body.length, uid: 0, gid: 0, mtime: new Date(0) };
  new Header({ ...fields, ...(linkpath !== undefined && { linkpath }) }).encode(header, 0);
  return [header, body, Buffer.alloc((block - (body.length % block)) % block)];
}
