/**
 * Prints docs/situations.md from the `situation(...)` calls of the tests, which are read and not run. `--check` fails
 * when the file is out of date.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { writeOrCheck } from './write-or-check.ts';

interface Situation {
  readonly name: string;
  readonly whatHappens: string;
}

interface Chapter {
  readonly path: string;
  readonly title: string;
  readonly situations: readonly Situation[];
}

/** The value of a string literal or a sum of them. */
function textOf(node: ts.Expression | undefined): string | undefined {
  if (node === undefined) return undefined;
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.PlusToken) return undefined;
  const [left, right] = [textOf(node.left), textOf(node.right)];
  return left === undefined || right === undefined ? undefined : left + right;
}

function situationsOf(source: ts.SourceFile): readonly Situation[] {
  const found: Situation[] = [];
  const visit = (node: ts.Node): void => {
    if (
      ts.isCallExpression(node) &&
      ts.isIdentifier(node.expression) &&
      node.expression.text === 'situation'
    ) {
      const [name, whatHappens] = [textOf(node.arguments[0]), textOf(node.arguments[1])];
      if (name === undefined || whatHappens === undefined) {
        const { line } = source.getLineAndCharacterOfPosition(node.getStart());
        throw new Error(
          `${source.fileName}:${line + 1}: name and sentence of a situation must be string literals`,
        );
      }
      found.push({ name, whatHappens });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** The first sentence of the file's doc comment. */
function titleOf(path: string, text: string): string {
  const comment = /^\s*\/\*\*([\s\S]*?)\*\//.exec(text)?.[1];
  if (comment === undefined) {
    throw new Error(`${path} has situations but no doc comment at its head: it is their heading in the docs`);
  }
  const prose = comment
    .split('\n')
    .map((line) => line.replace(/^\s*\*? ?/, '').trim())
    .join(' ')
    .trim();
  return prose.split(/\.(?:\s|$)/)[0] ?? prose;
}

function chapterOf(path: string): Chapter | undefined {
  const text = readFileSync(path, 'utf8');
  if (!text.includes('situation(')) return undefined;
  const situations = situationsOf(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true));
  return situations.length === 0 ? undefined : { path, title: titleOf(path, text), situations };
}

const cell = (text: string): string => text.replaceAll('|', '\\|');

const chapters = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.test.ts'))
  .map((path) => join('test', path))
  .toSorted()
  .map(chapterOf)
  .filter((chapter) => chapter !== undefined);

const names = chapters.flatMap(({ situations }) => situations.map(({ name }) => name));
const twice = names.find((name, index) => names.indexOf(name) !== index);
if (twice !== undefined) throw new Error(`two situations are called "${twice}"`);

const page = [
  '# Odd situations',
  '',
  '<!-- Printed by `npm run generate:docs` from the `situation(...)` calls in test/; do not edit. -->',
  '',
  'What the server does when a cloud, its services or its users do not behave as in the textbook. Each row is the',
  'sentence of a test of that name, which runs the real engine.',
  '',
  ...chapters.flatMap(({ path, title, situations }) => [
    `## ${title}`,
    '',
    `Tests: [${path}](../${path})`,
    '',
    '| situation | what happens |',
    '| --- | --- |',
    ...situations.map(({ name, whatHappens }) => `| ${cell(name)} | ${cell(whatHappens)} |`),
    '',
  ]),
];

writeOrCheck('docs/situations.md', page.join('\n'));
