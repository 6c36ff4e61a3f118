/**
 * Counts the pairs of operation and status that the tests of this tier got through HTTP. When all of them ran, each pair
 * of the contracts must be among them; and no answer may be one that the contract does not have.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { documentedPairs } from './api/answer-checker.ts';
import { undocumentedMark } from './api/record-answers.ts';

export default async function countPairs(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'fenix-answers-'));
  const file = join(folder, 'answers');
  await writeFile(file, '');
  project.provide('answersFile', file);
  return async () => {
    const lines = new Set((await readFile(file, 'utf8')).split('\n').filter((line) => line !== ''));
    await rm(folder, { recursive: true });
    const whole = await allRan(project);
    const problems = [...lines].filter((line) => line.startsWith(undocumentedMark));
    const missing = documentedPairs.filter((pair) => !lines.has(pair));
    if (whole) {
      const hit = documentedPairs.length - missing.length;
      say(`operation and status pairs hit: ${hit} of ${documentedPairs.length}`);
      problems.push(...missing.map((pair) => `no test got ${pair}`));
    }
    for (const problem of problems) say(`  ${problem}`);
    if (problems.length > 0) process.exitCode = 1;
  };
}

/** Whether this was the whole tier: neither some of its files, nor some of its tests. */
async function allRan(project: TestProject): Promise<boolean> {
  const { testFiles } = await project.globTestFiles();
  const ran = new Set(
    project.vitest.state
      .getTestModules()
      .filter((module) => module.project === project)
      .map((module) => module.moduleId),
  );
  return testFiles.every((file) => ran.has(file)) && project.vitest.config.testNamePattern === undefined;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
