/**
 * How long campaigns take, against the proven lower bound and against what others do (issue 4, part 5):
 * `npm run bench:makespan -- [--json] [--drawn N] [--seed S] [--svg DIR]`. N topologies of 200 hosts; 10 of 40 to 200 hosts where
 * nothing is said.
 */
import { fork } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { caseNames, topologyOf, type CaseName } from './cases.ts';
import { ganttSvg } from './gantt-svg.ts';
import { strategies, type Outcome } from './play.ts';
import { asJson, asTable, type Case } from './report.ts';
import type { Answer, BoundResult, Task } from './work.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    drawn: { type: 'string' },
    seed: { type: 'string', default: '1' },
    svg: { type: 'string' },
  },
});
const drawn = values.drawn === undefined ? undefined : wholeNumber('drawn', values.drawn);
const names = caseNames(drawn, wholeNumber('seed', values.seed));
const results = await playAll(names.flatMap(tasksOf));
const cases = names.map(caseOf);
if (values.svg !== undefined) await drawAll(values.svg);
process.stdout.write(`${values.json ? asJson(cases) : asTable(cases)}\n`);

function wholeNumber(option: string, text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  process.stderr.write(`--${option} takes a whole number, not ${text}\n`);
  process.exit(2);
}

function tasksOf(name: CaseName): readonly Task[] {
  return (['bound', ...strategies] as const).map((strategy) => ({ case: name, strategy }));
}

/** As many processes as there are cores, each with one task at a time; the first failure ends it all. */
function playAll(tasks: readonly Task[]): Promise<ReadonlyMap<string, Outcome | BoundResult>> {
  const left = [...tasks];
  const results = new Map<string, Outcome | BoundResult>();
  return new Promise((resolve, reject) => {
    const workers = Array.from({ length: Math.min(availableParallelism(), tasks.length) }, () =>
      fork(new URL('./work.ts', import.meta.url)),
    );
    const end = (settle: () => void) => {
      for (const worker of workers) worker.kill();
      settle();
    };
    for (const worker of workers) {
      const next = () => {
        const task = left.shift();
        if (task !== undefined) worker.send(task);
      };
      worker.on('message', (answer: Answer) => {
        const key = JSON.stringify(answer.task);
        if ('failure' in answer) {
          end(() => reject(new Error(`${key}: ${answer.failure}`)));
          return;
        }
        results.set(key, answer.result);
        process.stderr.write(`\r${results.size} of ${tasks.length} done`);
        if (results.size < tasks.length) next();
        else {
          process.stderr.write('\n');
          end(() => resolve(results));
        }
      });
      worker.on('exit', (code, signal) => {
        if (results.size < tasks.length)
          end(() => reject(new Error(`a worker ended early: ${String(code ?? signal)}`)));
      });
      next();
    }
  });
}

function caseOf(name: CaseName): Case {
  const { name: title, hosts } = topologyOf(name);
  const found = Object.fromEntries(
    tasksOf(name).map((task) => [task.strategy, results.get(JSON.stringify(task))]),
  ) as unknown as Case['outcomes'] & { readonly bound: BoundResult };
  const { bound, ...outcomes } = found;
  const faster = strategies.filter((strategy) => outcomes[strategy].seconds < bound.seconds - 1);
  if (faster.length > 0)
    throw new Error(
      `${title}: ${faster.join(', ')} beat the bound ${bound.name}, which cannot be: ${bound.because}`,
    );
  return { name: title, hosts: hosts.length, bound, outcomes };
}

async function drawAll(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const { name, bound, outcomes } of cases) {
    for (const strategy of strategies) {
      const file = `${name.replaceAll(/[^a-z0-9]+/gi, '-')}-${strategy}.svg`;
      const chart = ganttSvg(`${name}: ${strategy}`, outcomes[strategy].hosts, bound.seconds);
      await writeFile(join(folder, file), chart);
    }
  }
}
