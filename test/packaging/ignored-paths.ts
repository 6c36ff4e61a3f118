import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from './image-file.ts';

/**
 * Tells of a path of the checkout whether .dockerignore keeps it out of the build: the last line that matches the path or a
 * folder above it decides. Knows `*`, `**` and `!`, which is what the file uses.
 */
export function ignoredPaths(text = readFileSync(join(checkout, '.dockerignore'), 'utf8')) {
  const rules = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ keeps: line.startsWith('!'), form: formOf(line.replace(/^!/, '')) }));
  return (path: string): boolean => {
    const parts = path.split('/');
    const paths = parts.map((_, index) => parts.slice(0, index + 1).join('/'));
    const rule = rules.findLast(({ form }) => paths.some((candidate) => form.test(candidate)));
    return rule !== undefined && !rule.keeps;
  };
}

function formOf(pattern: string): RegExp {
  const form = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('**/', '\u0000')
    .replaceAll('*', '[^/]*')
    .replaceAll('\u0000', '(.*/)?');
  return new RegExp(`^${form}$`);
}
