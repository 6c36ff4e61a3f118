import { readFileSync } from 'node:fs';
import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Node, type Pair } from 'yaml';
import { ConfigError, type ConfigProblem } from './config-error.ts';
import { configOptions } from './option-list.ts';
import { noSuchOption, optionsByName, splitList, type Setting, type Settings } from './settings.ts';

const sectionNames = [...new Set(configOptions.map(({ section }) => section))];

/**
 * Reads a YAML file of sections with options. Every scalar is taken as the text that stands there, so that a password
 * `0123` or a format `2.0` needs no quotes; the options themselves know what they must be. An option with nothing
 * behind it counts as not set.
 * @throws ConfigError when the file cannot be read or is not YAML.
 */
export function readConfigFile(path: string): Settings {
  const lines = new LineCounter();
  const document = parseDocument(readText(path), { schema: 'failsafe', lineCounter: lines });
  const at = (node: unknown): string => {
    const offset = (node as Partial<Node> | null)?.range?.[0];
    return offset === undefined ? path : `${path}:${lines.linePos(offset).line}`;
  };
  if (document.errors.length > 0) {
    // Not the parser's own message: it quotes the line, and a password may stand there.
    throw new ConfigError(
      document.errors.map(({ pos, code }) => ({
        where: `${path}:${lines.linePos(pos[0]).line}`,
        says: `this is not YAML (${code.toLowerCase().replaceAll('_', ' ')})`,
      })),
    );
  }

  const byName = new Map<string, Setting>();
  const problems: ConfigProblem[] = [];
  const entries = (node: unknown, what: string): readonly Pair[] => {
    if (isMap(node)) return node.items;
    if (!isNothing(node)) problems.push({ where: at(node), says: `${what} must hold "name: value" lines` });
    return [];
  };

  for (const section of entries(document.contents, 'the file')) {
    const sectionName = keyText(section.key);
    if (!sectionNames.includes(sectionName)) {
      const says = `there is no section ${sectionName}; the sections are ${sectionNames.join(', ')}`;
      problems.push({ where: at(section.key), says });
      continue;
    }
    for (const { key, value } of entries(section.value, `the section ${sectionName}`)) {
      const name = `${sectionName}.${keyText(key)}`;
      const option = optionsByName.get(name);
      if (option === undefined) {
        problems.push({ where: `${name} (${at(key)})`, says: noSuchOption(name, [...optionsByName.keys()]) });
      } else if (!isNothing(value)) {
        const written = plain(value);
        const isText = typeof written === 'string';
        byName.set(name, {
          value: option.isList && isText ? splitList(written) : written,
          source: at(key),
        });
      }
    }
  }
  return { byName, problems };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError([{ where: path, says: `the configuration file cannot be read: ${reason}` }], {
      cause: error,
    });
  }
}

function isNothing(node: unknown): boolean {
  return (
    node === null || node === undefined || (isScalar(node) && (node.value === null || node.value === ''))
  );
}

function keyText(key: unknown): string {
  return isScalar(key) ? String(key.value) : String(key);
}

function plain(node: unknown): unknown {
  if (isScalar(node)) return node.value;
  return isSeq(node) ? node.items.map(plain) : {};
}
