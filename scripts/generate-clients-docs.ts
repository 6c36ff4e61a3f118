/**
 * Prints docs/clients.md from the `client(...)` calls of the tests, which are read and not run. `--check` fails when the
 * file is out of date.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import type { ClientFacts } from '../test/support/client.ts';
import { writeOrCheck } from './write-or-check.ts';

/** Where each client has a test file of its own. */
const folders = ['test/e2e/clients', 'test/openstack/clients'];

interface Row extends ClientFacts {
  readonly path: string;
}

/** The value of a string literal or a sum of them. */
function textOf(node: ts.Expression): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.PlusToken) return undefined;
  const [left, right] = [textOf(node.left), textOf(node.right)];
  return left === undefined || right === undefined ? undefined : left + right;
}

/** The facts as they are written. @throws Error when they cannot be told without running the file */
function factsOf(call: ts.CallExpression, path: string): ClientFacts {
  const [argument] = call.arguments;
  const fields = new Map<string, string>();
  if (argument !== undefined && ts.isObjectLiteralExpression(argument)) {
    for (const property of argument.properties) {
      if (!ts.isPropertyAssignment(property)) continue;
      const text = textOf(property.initializer);
      if (text !== undefined) fields.set(property.name.getText(), text);
    }
  }
  const needed = (name: string): string => {
    const text = fields.get(name);
    if (text === undefined) throw new Error(`${path}: ${name} of client(...) must be a string literal`);
    return text;
  };
  const result = fields.get('result');
  return {
    name: needed('name'),
    version: needed('version'),
    ran: needed('ran'),
    against: needed('against'),
    ...(result !== undefined && { result }),
  };
}

function rowOf(path: string): Row {
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
  const calls: ts.CallExpression[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'client') {
      calls.push(node);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  const [call] = calls;
  if (call === undefined || calls.length > 1) {
    throw new Error(`${path} must say once, with client(...), which client it is about`);
  }
  return { path, ...factsOf(call, path) };
}

const rows = folders
  .flatMap((folder) => readdirSync(folder).map((file) => join(folder, file)))
  .filter((path) => path.endsWith('.test.ts'))
  .toSorted()
  .map(rowOf);

const cell = (text: string): string => text.replaceAll('|', '\\|');

const page = [
  '# Clients that others wrote',
  '',
  '<!-- Printed by `npm run generate:docs` from the `client(...)` calls in test/; do not edit. -->',
  '',
  'Each has a test file of its own, which CI runs: what is said here to work passed there. A client that is **played** is',
  'not installable any more: the test makes its calls one by one, with the bodies, the order, the repeats and the parsing',
  'of its source. A client that is **run** is the program itself.',
  '',
  '| client | version | what was run | against | result |',
  '| --- | --- | --- | --- | --- |',
  ...rows.map(({ name, version, ran, against, result, path }) => {
    const outcome = `works ([test](../${path}))${result === undefined ? '' : `; ${result}`}`;
    return `| ${[name, version, ran, against, outcome].map(cell).join(' | ')} |`;
  }),
  '',
];

writeOrCheck('docs/clients.md', page.join('\n'));
