/** Takes out of answers what differs between any two clouds, so that the rest can be compared. */
import type { Step } from './python.ts';

const replacements: readonly (readonly [RegExp, string])[] = [
  [/http:\/\/127\.0\.0\.1:\d+/g, '<address>'],
  // The lab keeps its services apart by path, the real cloud by port.
  [/<address>\/(identity|compute|image)(?=\/|$)/g, '<address>'],
  [/\breq-[0-9a-f-]{36}\b/g, '<request>'],
  [/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, '<uuid>'],
  [/\b[0-9a-f]{56}\b/g, '<host id>'],
  [/\b[0-9a-f]{32}\b/g, '<id>'],
  [/\bgAAAAA[\w-]+=*/g, '<token>'],
  [/\b(compute|controller)-\d+\b/g, '<$1>'],
  [/\binstance-[0-9a-f]{8}\b/g, '<instance name>'],
  [/\br-[0-9a-z]{8}\b/g, '<reservation>'],
  [/\d{4}-\d\d-\d\d([T ])\d\d:\d\d:\d\d/g, '<date>$1<time>'],
  [/(?<=<time>)\.\d{6}/g, '.<microseconds>'],
  [/(?<=<time>)\.\d{6}/g, '.<microseconds>'],
  [/\b(cirros|fenix-test)\b/g, '<image>'],
  // How far a move has come is seen only for a moment.
  [/(?<=\btask_state )\w+/g, '<task>'],
];

/** Numbers that a database gives out, and figures that are as old as a compute's last report. */
const numbered = [
  ...['id', 'old_instance_type_id', 'new_instance_type_id', 'ID', 'Id', 'Old Flavor', 'New Flavor'],
  ...['vCPUs Used', 'Memory MB Used'],
  ...['vcpus_used', 'memory_mb_used', 'local_gb_used', 'free_ram_mb', 'free_disk_gb', 'running_vms'],
];

/**
 * The same with ids, addresses, hosts and moments replaced by what they are; the form of a moment stays visible. Of
 * lists of resources each kind is kept once.
 */
export function withoutAccidents(value: unknown): unknown {
  if (typeof value === 'string') {
    return replacements.reduce((shown, [from, to]) => shown.replaceAll(from, to), value);
  }
  if (Array.isArray(value)) return kindsOf(value.map(withoutAccidents));
  if (typeof value !== 'object' || value === null) return value;
  // In one order, so that equal things have equal texts.
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [
        key,
        numbered.includes(key) && typeof one === 'number' ? '<number>' : withoutAccidents(one),
      ]),
  );
}

/** A list of resources as its kinds, each once, in a fixed order: their number and order are a cloud's own. */
function kindsOf(list: readonly unknown[]): readonly unknown[] {
  if (list.some((one) => typeof one !== 'object' || one === null || Array.isArray(one))) return list;
  return [...new Set(list.map((one) => JSON.stringify(one)))]
    .toSorted()
    .map((one) => JSON.parse(one) as unknown);
}

/** What a driver recorded, by the names of its steps, ready to be compared. @throws Error when two have one name */
export function recordOf(steps: readonly Step[]): Readonly<Record<string, unknown>> {
  const record: Record<string, unknown> = {};
  for (const { step, value, ...raised } of steps) {
    if (step in record) throw new Error(`two steps are called "${step}"`);
    record[step] = withoutAccidents(raised.raised === undefined ? value : raised);
  }
  return record;
}
