import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/**
 * The version that a Debian package has of what it packs: without epoch and revision, since Debian's fixes keep it.
 * @throws Error when it is not installed
 */
export async function installedVersion(debianPackage: string): Promise<string> {
  const query = ['--show', '--showformat', '${Version}', debianPackage];
  const { stdout } = await promisify(execFile)('/usr/bin/dpkg-query', query);
  return stdout
    .trim()
    .replace(/^\d+:/, '')
    .replace(/-[^-]*$/, '');
}
