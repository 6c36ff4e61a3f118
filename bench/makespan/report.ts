/** What the benchmark says: one object for programs, a table for people. */
import { strategies, type Outcome, type Strategy } from './play.ts';
import type { BoundResult } from './work.ts';

export interface Case {
  readonly name: string;
  readonly hosts: number;
  readonly bound: BoundResult;
  readonly outcomes: Readonly<Record<Strategy, Outcome>>;
}

/** Everything above this ratio to the bound gets a word. */
const notable = 1.2;

export function asJson(cases: readonly Case[]): string {
  return JSON.stringify({
    cases: cases.map(({ name, hosts, bound, outcomes: { vnf, default: plain, barrier, stage } }) => ({
      name,
      hosts,
      lower_bound_s: Math.round(bound.seconds),
      vnf_s: Math.round(vnf.seconds),
      default_s: Math.round(plain.seconds),
      barrier_s: Math.round(barrier.seconds),
      stage_s: Math.round(stage.seconds),
      moves_per_instance: Math.round(vnf.movesPerInstance * 1000) / 1000,
      violations: [vnf, plain, barrier, stage].reduce((sum, { violations }) => sum + violations.length, 0),
    })),
  });
}

export function asTable(cases: readonly Case[]): string {
  const rows = cases.map(({ name, hosts, bound, outcomes }) => [
    name,
    String(hosts),
    minutes(bound.seconds),
    ...strategies.map(
      (strategy) => `${minutes(outcomes[strategy].seconds)} (${ratio(outcomes[strategy], bound)})`,
    ),
    outcomes.vnf.movesPerInstance.toFixed(3),
    String(strategies.reduce((sum, strategy) => sum + outcomes[strategy].violations.length, 0)),
  ]);
  const head = ['case', 'hosts', 'bound', ...strategies, 'moves per instance', 'violations'];
  return [
    'Minutes from the first moment at which work may begin to the end of the last maintenance; in brackets: by the lower bound.',
    '',
    ...aligned([head, ...rows]),
    '',
    ...means(cases),
    '',
    ...cases.flatMap(words),
  ].join('\n');
}

function means(cases: readonly Case[]): readonly string[] {
  const drawn = cases.filter(({ name }) => name.startsWith('drawn'));
  const shapes = cases.filter((one) => !drawn.includes(one));
  return [['shapes', shapes] as const, ['drawn', drawn] as const].flatMap(([what, some]) =>
    some.length === 0
      ? []
      : [
          `geometric mean of the ratios, ${what}: ` +
            strategies
              .map(
                (strategy) =>
                  `${strategy} ${geometricMean(some.map(({ outcomes, bound }) => outcomes[strategy].seconds / bound.seconds)).toFixed(3)}`,
              )
              .join(', '),
        ],
  );
}

/** What stands out of one case. */
function words({ name, bound, outcomes }: Case): readonly string[] {
  const { vnf } = outcomes;
  const all = strategies.flatMap((strategy) =>
    outcomes[strategy].violations.slice(0, 3).map((sentence) => `  ${strategy}: ${sentence}`),
  );
  const unpromised = outcomes.default.unpromised;
  const notes = [
    ...(vnf.seconds > notable * bound.seconds
      ? [`  ${ratio(vnf, bound)} of the bound. It is ${bound.name}: ${bound.because}. ${idleness(vnf)}`]
      : []),
    ...(unpromised > 0 ? [`  default, which knows no limits of groups, broke them ${unpromised} times`] : []),
    ...strategies.flatMap((strategy) =>
      outcomes[strategy].scaledIn > 0
        ? [`  ${strategy}: ${outcomes[strategy].scaledIn} instances were scaled in`]
        : [],
    ),
    ...all,
  ];
  return notes.length === 0 ? [] : [name, ...notes];
}

/** How long hosts were empty at once: where that falls off long before the end, it is the plan that is loose. */
function idleness({ hosts, seconds }: Outcome): string {
  const busy = (from: number, to: number) =>
    hosts.reduce((sum, host) => sum + Math.max(0, Math.min(host.to, to) - Math.max(host.from, from)), 0) /
    (to - from);
  const [middle, end] = [busy(0.25 * seconds, 0.75 * seconds), busy(0.9 * seconds, seconds)];
  return `On average ${middle.toFixed(1)} hosts were in maintenance in the middle half, ${end.toFixed(1)} in the last tenth.`;
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

const minutes = (seconds: number) => (seconds / 60).toFixed(0);
const ratio = (outcome: Outcome, bound: BoundResult) => (outcome.seconds / bound.seconds).toFixed(2);

function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  '),
  );
}
