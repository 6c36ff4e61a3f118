/** Reads one check of a policy rule: `@`, `!`, or `kind:match`. */
import type { Expression, Pattern } from './expression.ts';
import { RuleSyntaxError } from './rule-syntax-error.ts';

/** What stands for itself left of the colon: quoted text, and Python's constants and whole numbers. */
const quoted = /^(['"])(.*)\1$/;
const constant = /^(True|False|None|-?\d+)$/;
const attributeName = /^[A-Za-z_]\w*$/;

/** @throws RuleSyntaxError; `at` is where the check begins in its rule. */
export function parseCheck(text: string, at: number): Expression {
  if (text === '@') return { kind: 'always' };
  if (text === '!') return { kind: 'never' };
  const colon = colonOf(text);
  if (colon === -1) {
    throw new RuleSyntaxError(
      at,
      `${JSON.stringify(text)} is no check; write kind:value, for example role:${/^\w+$/.test(text) ? text : 'admin'} or rule:admin`,
    );
  }
  const kind = text.slice(0, colon);
  const match = text.slice(colon + 1);
  const matchAt = at + colon + 1;
  if (match === '') throw new RuleSyntaxError(matchAt, `there is nothing behind "${kind}:"`);
  if (kind === 'rule') {
    if (/[()%]/.test(match))
      throw new RuleSyntaxError(matchAt, 'behind "rule:" stands the name of a rule only');
    return { kind: 'rule', name: match };
  }
  if (kind === 'http' || kind === 'https') {
    throw new RuleSyntaxError(at, 'checks that ask another server are not supported');
  }
  const pattern = parsePattern(match, matchAt);
  if (kind === 'role') return { kind: 'role', role: pattern };
  const value = quoted.exec(kind)?.[2] ?? constant.exec(kind)?.[0];
  if (value !== undefined) return { kind: 'literal', written: kind, value, equals: pattern };
  if (!attributeName.test(kind)) {
    throw new RuleSyntaxError(
      at,
      `${JSON.stringify(kind)} is no attribute of a token; put text into quotes: '${kind.replaceAll(/['"()]/g, '')}':...`,
    );
  }
  return { kind: 'attribute', attribute: kind, equals: pattern };
}

/** The first colon that is not within the quotes at the beginning. */
function colonOf(text: string): number {
  const quote = text[0];
  const closing = quote === "'" || quote === '"' ? text.indexOf(quote, 1) : -1;
  return text.indexOf(':', closing + 1);
}

function parsePattern(match: string, at: number): Pattern {
  const parts: (string | { target: string })[] = [];
  let text = '';
  const flush = () => {
    if (text !== '') parts.push(text);
    text = '';
  };
  for (const { 0: found, 1: target, index } of match.matchAll(/%\(([\w.:-]+)\)s|%%|[^%()]+|./g)) {
    if (target !== undefined) {
      flush();
      parts.push({ target });
    } else if (found === '%%') text += '%';
    else if (found === '%') {
      throw new RuleSyntaxError(at + index, 'behind a % stands (name)s; write %% for the sign itself');
    } else if (found === '(' || found === ')') {
      throw new RuleSyntaxError(at + index, `put a blank before or behind this "${found}"`);
    } else text += found;
  }
  flush();
  return parts;
}
