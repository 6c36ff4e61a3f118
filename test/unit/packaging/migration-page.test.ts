import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { configOptions } from '../../../src/config/option-list.ts';
import { targets } from '../../../src/convert/sources.ts';
import { checkout } from '../../packaging/image-file.ts';

const pages = ['docs/migrating-from-fenix.md', 'packaging/README.md'];
const read = (page: string) => readFileSync(join(checkout, page), 'utf8');
const [migration = ''] = pages.map(read);

describe.each(pages)('%s', (page) => {
  test('links to files that are there', () => {
    const links = [...read(page).matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, link = '']) => link);
    const local = links.filter((link) => !link.includes('://'));
    expect(local.filter((link) => !existsSync(join(checkout, dirname(page), link)))).toEqual([]);
  });

  test('names options that there are', () => {
    const sections = [...new Set(configOptions.map(({ section }) => section))].join('|');
    const named = [...read(page).matchAll(new RegExp(`\`((?:${sections})\\.[a-z_]+)[\`:]`, 'g'))];
    // The last is a queue of RabbitMQ.
    const options = [...configOptions.map(({ name }) => name), 'notifications.info'];
    expect(named.length).toBeGreaterThan(0);
    expect(named.map(([, name = '']) => name).filter((name) => !options.includes(name))).toEqual([]);
  });
});

test('every option that convert-config reads stands on the migration page', () => {
  const keys = targets.flatMap(({ from }) => from.map(({ key }) => key));
  expect([...new Set(keys)].filter((key) => !migration.includes(key))).toEqual([]);
});
