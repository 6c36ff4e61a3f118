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
    cases: cases.map((one) => {
      const {
        name,
        hosts,
        bound,
        outcomes: { vnf, default: plain, barrier, stage },
      } = one;
      return {
        name,
        hosts,
        lower_bound_s: Math.round(bound.seconds),
        vnf_s: Math.round(vnf.seconds),
        default_s: Math.round(plain.seconds),
        barrier_s: Math.round(barrier.seconds),
        stage_s: Math.round(stage.seconds),
        moves_per_instance: Math.round(vnf.movesPerInstance * 1000) / 1000,
        violations: [vnf, plain, barrier, stage].reduce((sum, { violations }) => sum + violations.length, 0),
        remarks: remarks(one),
      };
    }),
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
    ...cases.flatMap((one) => {
      const notes = remarks(one);
      return notes.length === 0 ? [] : [one.name, ...notes.map((note) => `  ${note}`)];
    }),
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
function remarks({ bound, outcomes }: Case): readonly string[] {
  const { vnf } = outcomes;
  const unpromised = outcomes.default.unpromised;
  return [
    ...(vnf.seconds > notable * bound.seconds
      ? [`${ratio(vnf, bound)} of the bound. It is ${bound.name}: ${bound.because}. ${pace(vnf, bound)}`]
      : []),
    ...(unpromised > 0 ? [`default, which knows no limits of groups, broke them ${unpromised} times`] : []),
    ...strategies.flatMap((strategy) =>
      outcomes[strategy].scaledIn > 0
        ? [`${strategy}: ${outcomes[strategy].scaledIn} instances were scaled in`]
        : [],
    ),
    ...strategies.flatMap((strategy) =>
      outcomes[strategy].violations.slice(0, 3).map((sentence) => `${strategy}: ${sentence}`),
    ),
  ];
}

/**
 * Is it the bound that is loose, or the plan? At the pace of its middle half nothing waits for a begin or an end: what it takes longer
 * than that is the plan's; how far that pace is from the bound is the bound's, or room that the plan does not use.
 */
function pace({ hosts, seconds }: Outcome, bound: BoundResult): string {
  const inMaintenance = (from: number, to: number) =>
    hosts.reduce((sum, host) => sum + Math.max(0, Math.min(host.to, to) - Math.max(host.from, from)), 0);
  const middle = inMaintenance(0.25 * seconds, 0.75 * seconds) / (0.5 * seconds);
  const steady = inMaintenance(0, seconds) / middle;
  return (
    `In its middle half ${middle.toFixed(1)} hosts were in maintenance at once: at that pace from begin to end it would take ` +
    `${(steady / bound.seconds).toFixed(2)} of the bound, and ${((seconds - steady) / bound.seconds).toFixed(2)} are lost at begin and end.`
  );
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
