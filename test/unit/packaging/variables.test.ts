import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { configOptions } from '../../../src/config/option-list.ts';
import { checkout } from '../../packaging/image-file.ts';

/** Variables that are none of the server's options: the file's name, those of our tests, and what stands for any. */
const others = /^FENIX_(CONFIG|TOKEN|SECTION_OPTION|(TEST|OPENSTACK)_\w+)$/;
/** What action plug-ins get, where they are what it is about. */
const aboutPlugins = /^(docs\/action-plugins\.md|packaging\/plugins\/.*)$/;
const ofPlugins = /^FENIX_(SESSION_ID|WORKFLOW|PLUGIN|TYPE|HOST|RUN_ID|REPEATED|(SESSION_)?METADATA)$/;
const options = new Set(configOptions.map(({ variable }) => variable));

const textFiles = (folder: string): readonly string[] =>
  readdirSync(join(checkout, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(checkout, join(entry.parentPath, entry.name)));

const files = ['Dockerfile', 'compose.yaml', 'README.md', ...textFiles('packaging'), ...textFiles('docs')];

test.each(files)('%s names only FENIX_ variables that are options', (file) => {
  const text = readFileSync(join(checkout, file), 'utf8');
  // `FENIX_KEYSTONE_` and `FENIX_...` stand for several; `FENIX_SERVER_PROT` is an example of a mistake.
  const named = text.match(/\bFENIX_[A-Z_]*[A-Z]\b/g) ?? [];
  const unknown = named.filter(
    (name) =>
      !options.has(name) &&
      !others.test(name) &&
      !(aboutPlugins.test(file) && ofPlugins.test(name)) &&
      name !== 'FENIX_SERVER_PROT',
  );
  expect([...new Set(unknown)]).toEqual([]);
});
