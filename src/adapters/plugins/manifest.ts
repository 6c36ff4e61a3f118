import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { PluginFailed, type PluginManifest } from '../../engine/ports.ts';
import type { FoundPlugin } from './find-plugin.ts';

const schema = z.strictObject({
  timeout_seconds: z.int().positive().max(604_800).optional(),
  after_crash: z.enum(['repeat', 'fail']).default('fail'),
});

/**
 * What `<plug-in>.yaml` beside a plug-in says of it. Without one it may not be started again after a crash.
 * @throws PluginFailed that names file and field
 */
export async function readManifest(
  { folder, name }: FoundPlugin,
  timeoutSeconds: number,
): Promise<PluginManifest> {
  const file = join(folder, `${name}.yaml`);
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return '';
    throw new PluginFailed(`the manifest ${file} cannot be read: ${message}`);
  });
  const parsed = schema.safeParse(contentOf(file, text) ?? {});
  if (!parsed.success) {
    throw new PluginFailed(`the manifest ${file} is wrong:\n${z.prettifyError(parsed.error)}`);
  }
  const { timeout_seconds: own, after_crash: afterCrash } = parsed.data;
  return { afterCrash, timeoutSeconds: own ?? timeoutSeconds };
}

function contentOf(file: string, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new PluginFailed(`the manifest ${file} is no YAML: ${(error as Error).message}`, { cause: error });
  }
}
