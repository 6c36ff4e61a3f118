import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/load-config.ts';
import { configOptions } from '../../../src/config/option-list.ts';

const repository = join(import.meta.dirname, '../../..');
const read = (path: string) => readFile(join(repository, path), 'utf8');

/** What people read; the READMEs lie beside what they are about. */
const pages = [
  'README.md',
  'CHANGELOG.md',
  'src/sdk/README.md',
  'src/lab/README.md',
  'test/openstack/cloud/README.md',
  ...(await readdir(join(repository, 'docs'), { recursive: true }))
    .filter((path) => path.endsWith('.md'))
    .map((path) => join('docs', path)),
];

let folder: string | undefined;
afterEach(async () => {
  if (folder !== undefined) await rm(folder, { recursive: true });
  folder = undefined;
});

describe('README.md', () => {
  it('quotes the small VNFM as it is', async () => {
    const source = (await read('src/sdk/examples/small-vnfm.ts'))
      .replace("'../index.ts'", "'fenix-server/sdk'")
      .replace(" Outside: from 'fenix-server/sdk'.", '');
    expect(await read('README.md')).toContain(`\`\`\`ts\n${source}\`\`\`\n`);
  });

  it('has a configuration that can be used', async () => {
    const yaml = /```yaml\n(.*?)```/s.exec(await read('README.md'))?.[1] ?? '';
    folder = await mkdtemp(join(tmpdir(), 'fenix-readme-'));
    const file = join(folder, 'fenix.yaml');
    await writeFile(file, yaml);
    const config = loadConfig({ file, env: { FENIX_KEYSTONE_PASSWORD: 'secret' } });
    expect(config).toMatchObject({ auth: { mode: 'keystone' }, notifications: { driver: 'oslo' } });
  });
});

describe.each(pages)('%s', (page) => {
  it('names only scripts of package.json', async () => {
    const { scripts } = JSON.parse(await read('package.json')) as { scripts: Record<string, string> };
    const named = [...(await read(page)).matchAll(/\bnpm run (?:--silent )?([a-z][a-z:]*)/g)].map(
      ([, name]) => name,
    );
    expect(named.filter((name) => scripts[name ?? ''] === undefined)).toEqual([]);
  });

  it('links only to files that are there', async () => {
    const targets = [...(await read(page)).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
      .map(([, target]) => target ?? '')
      .filter((target) => !/^https?:/.test(target));
    const missing = targets.filter((target) => !existsSync(join(repository, dirname(page), target)));
    expect(missing).toEqual([]);
  });
});

/** Elsewhere a word with a dot may be something else, such as the lab's `server.moved`. */
const pagesAboutTheServer = pages.filter((page) => !page.startsWith('src') && !page.startsWith('test'));

describe.each(pagesAboutTheServer)('%s', (page) => {
  it('names only options that there are', async () => {
    const sections = new Set(configOptions.map(({ path: [section] }) => section));
    const known = new Set(configOptions.flatMap(({ name, variable }) => [name, variable]));
    known.add('notifications.info'); // a queue
    // What a program printed may name an option that is not there.
    const text = (await read(page)).replace(/^```text\n.*?^```/gms, '');
    const quoted = [...text.matchAll(/`([a-z]+)\.([a-z_]+)(?=[:`])/g)]
      .filter(([, section]) => sections.has(section ?? ''))
      .map(([, section, option]) => `${section}.${option}`);
    const variables = [...text.matchAll(/\bFENIX_[A-Z]+_[A-Z_]*[A-Z]\b/g)]
      .map(([variable]) => variable)
      .filter((variable) =>
        [...sections].some((section) => variable.startsWith(`FENIX_${section.toUpperCase()}_`)),
      );
    expect([...quoted, ...variables].filter((name) => !known.has(name))).toEqual([]);
  });
});
