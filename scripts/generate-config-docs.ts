/**
 * Writes the tables of options in docs/configuration.md from the schema that the server itself reads.
 * `--check` fails when they are out of date.
 */
import { readFileSync } from 'node:fs';
import { configOptions, type ConfigOption } from '../src/config/option-list.ts';
import { writeOrCheck } from './write-or-check.ts';

const path = 'docs/configuration.md';
const begin = '<!-- options:';
const end = '<!-- end of options -->';

const code = (text: string): string => `\`${text}\``;
const cell = (text: string): string => text.replaceAll('|', '\\|');

function row({ key, variable, byDefault, isList, allowed, about }: ConfigOption): string {
  const standard =
    byDefault === undefined ? 'not set' : isList && byDefault === '' ? 'empty' : code(byDefault);
  return `| ${code(key)}<br>${code(variable)} | ${standard} | ${cell(allowed)} | ${cell(about)} |`;
}

function table(section: string): readonly string[] {
  return [
    `### ${section}`,
    '',
    '| option | default | must be | what it is for |',
    '| --- | --- | --- | --- |',
    ...configOptions.filter((option) => option.section === section).map(row),
    '',
  ];
}

const page = readFileSync(path, 'utf8');
const start = page.indexOf('\n', page.indexOf(begin)) + 1;
const stop = page.indexOf(end);
if (!page.includes(begin) || stop < start)
  throw new Error(`${path} has lost its "${begin}" and "${end}" marks`);

const sections = [...new Set(configOptions.map(({ section }) => section))];
writeOrCheck(path, page.slice(0, start) + ['', ...sections.flatMap(table)].join('\n') + page.slice(stop));
