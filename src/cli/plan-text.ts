/** A plan for people. */
import { durationWords } from '../domain/planner/bounds/duration-words.ts';
import type { components } from '../sdk/openapi.ts';

type Plan = components['schemas']['PlanDetail'];

const verdicts: Readonly<Record<NonNullable<Plan['verdict']>, string>> = {
  feasible: 'feasible: all hosts can be maintained under the limits',
  after_scale_in: 'feasible once projects have scaled in, which they will be asked for',
  infeasible: 'infeasible: not all hosts can be maintained under the limits',
};

/** Takes only what the API tells, so that both say the same. */
export function planText(plan: Plan): string {
  const sections = [
    summary(plan),
    section(
      'What stands in the way now',
      plan.problems.map(({ message }) => message),
    ),
    section('What must be scaled in first', plan.scale_in.map(scaleInLine)),
    section('What would lower the bound, and by how much', plan.prices.map(priceLine)),
    section(
      'Hosts, in the order in which they are begun (seconds from the begin)',
      table([
        ['host', 'emptied from', 'maintained from', 'until', 'time of day'],
        ...plan.hosts.map(hostCells),
      ]),
    ),
    section(
      'Projects: the most instances impacted at once, of those that are impacted at all',
      plan.projects.map(({ project_id, most_at_once, impacts }) => {
        const instances = new Set(impacts.map(({ instance_id }) => instance_id)).size;
        return `${project_id}: ${most_at_once} of ${instances}`;
      }),
    ),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function summary(plan: Plan): readonly string[] {
  const { verdict, makespan_seconds, lower_bound_seconds, ratio, binding, binding_because, moves } = plan;
  const rows: (readonly [string, string])[] = [
    ['verdict', verdict === null ? 'none yet' : verdicts[verdict]],
    [
      'makespan',
      `${seconds(makespan_seconds)}; ${timeOfDay(plan.starts_at)} to ${timeOfDay(plan.ends_at)} UTC`,
    ],
    ['lower bound', `${seconds(lower_bound_seconds)}: no schedule can take less`],
    ['ratio', ratio === null ? 'none: the lower bound is 0' : ratio.toFixed(3)],
    ['binding', binding === null ? 'nothing' : `${binding}: ${binding_because ?? ''}`],
    ['moves', String(moves.length)],
  ];
  return rows.map(([name, value]) => `${name.padEnd(12)} ${value}`);
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  ${line}`)];
}

/** More names than these nobody reads here; all of them are in the JSON. */
const helpfulShown = 10;

function scaleInLine({ project_id, instances, helpful_instance_ids: ids }: Plan['scale_in'][number]): string {
  const shown = ids.slice(0, Math.min(instances, helpfulShown)).join(', ');
  const helpful = shown === '' ? '' : `; the most helpful of them: ${shown}`;
  return `project ${project_id}: ${instances} ${instances === 1 ? 'instance' : 'instances'}${helpful}`;
}

function priceLine({ constraint, relaxation, seconds: price }: Plan['prices'][number]): string {
  return `${constraint}: ${relaxation}: ${seconds(price)}`;
}

function hostCells(host: Plan['hosts'][number]): readonly string[] {
  const { admitted_seconds, maintenance_starts_seconds, ends_seconds, admitted_at, ends_at } = host;
  return [
    host.host,
    String(Math.round(admitted_seconds)),
    String(Math.round(maintenance_starts_seconds)),
    String(Math.round(ends_seconds)),
    `${clockTime(admitted_at)} to ${clockTime(ends_at)}`,
  ];
}

/** The first row is the heading; nothing where there is no other. Figures stand right. */
function table(rows: readonly (readonly string[])[]): readonly string[] {
  if (rows.length < 2) return [];
  const widths =
    rows[0]?.map((_cell, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        const isFigure = column > 0 && column < row.length - 1;
        return isFigure ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
}

function seconds(value: number | null): string {
  return value === null ? 'not known' : `${durationWords(value)} (${Math.round(value)} s)`;
}

function timeOfDay(time: string | null): string {
  return time === null ? 'not known' : time.slice(0, 19).replace('T', ' ');
}

function clockTime(time: string): string {
  return time.slice(11, 19);
}
