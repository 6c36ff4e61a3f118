/** Reads a site's own rules: a YAML (or JSON) file of `"name": "rule"` lines, as oslo.policy's. */
import { readFileSync } from 'node:fs';
import { isMap, isScalar, LineCounter, parseDocument, Scalar, type Node } from 'yaml';
import { ConfigError, type ConfigProblem } from '../config/config-error.ts';
import { Policy, type Override } from './policy.ts';

/**
 * The rules in force: the defaults, and what the file overrides of them.
 * @throws ConfigError which names everything that is wrong, with file, line, rule and place.
 */
export function loadPolicy(path?: string): Policy {
  return new Policy(path === undefined ? [] : readPolicyFile(path));
}

function readPolicyFile(path: string): readonly Override[] {
  const lines = new LineCounter();
  const document = parseDocument(readText(path), { lineCounter: lines });
  const at = (offset: number | undefined) =>
    offset === undefined ? path : `${path}:${lines.linePos(offset).line}`;
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) {
    const hint = 'put each rule into double quotes: "fenix:maintenance:post": "!"';
    throw new ConfigError(
      faults.map(({ pos, message }) => ({
        where: at(pos[0]),
        says: `this is not YAML (${message.split('\n', 1)[0] ?? ''}); ${hint}`,
      })),
    );
  }
  const { contents } = document;
  if (contents === null || (isScalar(contents) && contents.value === null)) return [];
  if (!isMap(contents)) {
    throw new ConfigError([{ where: at(0), says: 'a policy file holds "name": "rule" lines' }]);
  }
  const problems: ConfigProblem[] = [];
  const overrides = contents.items.flatMap(({ key, value }): readonly Override[] => {
    const name = isScalar(key) ? String(key.value) : String(key);
    const where = at((key as Partial<Node>).range?.[0]);
    if (isWrittenText(value)) return [{ name, text: value.value, where }];
    const says = `the rule must be text in quotes, such as "role:admin"; "@" allows always, "!" never`;
    problems.push({ where: `${name} (${where})`, says });
    return [];
  });
  if (problems.length > 0) throw new ConfigError(problems);
  return overrides;
}

/** Text that somebody wrote. A bare `!` is a tag with an empty text to YAML: it must not be taken for "always". */
function isWrittenText(node: unknown): node is Scalar<string> {
  return (
    isScalar(node) && typeof node.value === 'string' && (node.value !== '' || node.type !== Scalar.PLAIN)
  );
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError([{ where: path, says: `the policy file cannot be read: ${reason}` }], {
      cause: error,
    });
  }
}
