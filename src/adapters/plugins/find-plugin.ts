import { access, constants, lstat, realpath, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';

/** An executable that may be run as a plug-in. */
export interface FoundPlugin {
  readonly path: string;
  /** The folder that it was found in. */
  readonly folder: string;
  readonly name: string;
}

/** No path in it, nothing hidden, nothing that a shell or a manifest could be confused by. */
const plainName = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;

/**
 * A plug-in of a folder: an executable file of that name which lies in the folder, also once links are followed.
 * Undefined where there is none.
 */
export async function findPlugin(folder: string, name: string): Promise<FoundPlugin | undefined> {
  if (!plainName.test(name) || name.endsWith('.yaml')) return undefined;
  try {
    const home = await realpath(folder);
    const path = await realpath(join(home, name));
    const way = relative(home, dirname(path));
    if (way === '..' || way.startsWith(`..${sep}`)) return undefined;
    if (!(await stat(path)).isFile()) return undefined;
    await access(path, constants.X_OK);
    return { path, folder: home, name };
  } catch {
    return undefined;
  }
}

/**
 * Is this a folder that we made, and nobody else can write to? Downloads may be kept in /tmp, where anybody could have laid
 * programs ready for us under the id of a session.
 */
export async function isOurs(folder: string): Promise<boolean> {
  try {
    const found = await lstat(folder);
    return found.isDirectory() && found.uid === process.geteuid?.() && (found.mode & 0o022) === 0;
  } catch {
    return false;
  }
}
