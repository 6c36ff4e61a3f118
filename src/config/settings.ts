import type { ConfigProblem } from './config-error.ts';
import { nearestName } from './nearest-name.ts';
import { configOptions, type ConfigOption } from './option-list.ts';

/** A value as it was written, and where. */
export interface Setting {
  /** Text, or a list of texts; anything else is written in a way that no option allows. */
  readonly value: unknown;
  /** `/etc/fenix.yaml:12` or the name of a variable. */
  readonly source: string;
}

/** What a file or the environment sets, by the name of the option. */
export interface Settings {
  readonly byName: ReadonlyMap<string, Setting>;
  readonly problems: readonly ConfigProblem[];
}

export const optionsByName: ReadonlyMap<string, ConfigOption> = new Map(
  configOptions.map((option) => [option.name, option]),
);

/** "a, b" as a list. */
export function splitList(text: string): readonly string[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}

/** What to say of a name that is not known. */
export function noSuchOption(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  return nearest === undefined
    ? 'there is no such option; docs/configuration.md lists them all'
    : `there is no such option; did you mean ${nearest}?`;
}
