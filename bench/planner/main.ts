/**
 * What planning costs: 100, 1,000 and 10,000 hosts with 10 instances each. `--json` prints one object; without it a table.
 * Other sizes may be named: `npm run bench:planner -- 50 500`.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

interface Case {
  readonly hosts: number;
  readonly instances: number;
  readonly plan_s: number;
  readonly makespan_s: number;
  readonly peak_rss_mib: number;
}

const run = promisify(execFile);
const oneCase = fileURLToPath(new URL('./one-case.ts', import.meta.url));

async function measure(hosts: number): Promise<Case> {
  const { stdout } = await run(process.execPath, [...process.execArgv, oneCase, String(hosts)]);
  return JSON.parse(stdout) as Case;
}

function table(cases: readonly Case[]): string {
  const rows = cases.map((one, place) => {
    const before = cases[place - 1];
    const growth = before === undefined ? '' : `${(one.plan_s / before.plan_s).toFixed(1)} x`;
    return [
      one.hosts,
      one.instances,
      one.plan_s.toFixed(3),
      growth,
      one.makespan_s,
      `${((100 * one.plan_s) / one.makespan_s).toFixed(3)} %`,
      one.peak_rss_mib,
    ].map(String);
  });
  const head = ['hosts', 'instances', 'plan s', 'growth', 'makespan s', 'plan/makespan', 'peak MiB'];
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  return [head, ...rows]
    .map((row) => row.map((cell, column) => cell.padStart(widths[column] ?? 0)).join('  '))
    .join('\n');
}

const sizes = process.argv
  .slice(2)
  .filter((argument) => /^\d+$/.test(argument))
  .map(Number);
const cases: Case[] = [];
for (const hosts of sizes.length > 0 ? sizes : [100, 1000, 10_000]) cases.push(await measure(hosts));
process.stdout.write(`${process.argv.includes('--json') ? JSON.stringify({ cases }) : table(cases)}\n`);
