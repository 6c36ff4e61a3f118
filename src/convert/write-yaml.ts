import { configOptions } from '../config/option-list.ts';
import type { Carried } from './gather.ts';

export interface YamlParts {
  /** The files that it was made from. */
  readonly from: readonly string[];
  readonly carried: readonly Carried[];
  /** Options whose values are kept out. */
  readonly hidden: ReadonlySet<string>;
  readonly remarks: {
    readonly checks: readonly string[];
    readonly overruled: readonly string[];
    readonly leftOut: readonly string[];
  };
}

/** The file as `loadConfig` reads it: in the order of the schema, with all that was found out as comments. */
export function writeYaml({ from, carried, hidden, remarks }: YamlParts): string {
  const head = [`# Made by fenix-server convert-config from ${from.join(' and ')}.`];
  const list = (title: string, lines: readonly string[]) => {
    if (lines.length > 0) head.push('#', `# ${title}:`, ...lines.map((line) => `#  - ${oneLine(line)}`));
  };
  list('Check before the start', remarks.checks);
  list('The two files disagree', remarks.overruled);
  list('Not carried over', remarks.leftOut);

  const body: string[] = [];
  let section = '';
  for (const option of configOptions) {
    const one = carried.find((candidate) => candidate.option === option.name);
    if (one === undefined) continue;
    if (option.section !== section) body.push('', `${option.section}:`);
    section = option.section;
    body.push(
      `  # ${oneLine(one.comment)}`,
      hidden.has(option.name)
        ? `  # ${option.key}: in the variable ${option.variable}`
        : `  ${option.key}: ${scalar(one.value)}`,
    );
  }
  return [...head, ...body, ''].join('\n');
}

/** As it stands where nobody could misread it, else in double quotes, which YAML reads as JSON does. */
function scalar(value: string): string {
  return /^[\w/.][\w./:@-]*(?<!:)$/.test(value) ? value : JSON.stringify(value);
}

/** A value may hold a line break, and must not end the comment that it is quoted in. */
const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ');
