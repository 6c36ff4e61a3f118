import type { Watched } from './impacts.ts';

/** What happened to one host. Seconds after the start. */
export interface HostSpan {
  readonly host: string;
  /** When the first move from it began. */
  readonly drainFrom?: number;
  /** Its maintenance. */
  readonly from: number;
  readonly to: number;
}

export interface Timeline {
  /** When the last host was finished: the makespan. */
  readonly seconds: number;
  /** In the order of their maintenance. */
  readonly hosts: readonly HostSpan[];
}

/**
 * When each host was worked on, counted from the first moment at which work may begin: every project has acknowledged
 * MAINTENANCE, and `maintenanceAt` (milliseconds since 1970) has come.
 */
export function timeline({ cloud, hostNotices, replies }: Watched, maintenanceAt: number): Timeline {
  // Where one session follows another, what a later one asks first is part of the work.
  const begun = Math.min(
    ...hostNotices.map(({ at }) => at),
    ...cloud.records.flatMap(({ what, at }) => (what === 'move_started' ? [at] : [])),
  );
  const acknowledged = replies.filter(({ state, at }) => state === 'ACK_MAINTENANCE' && at <= begun);
  const start = Math.max(maintenanceAt, ...acknowledged.map(({ at }) => at));
  const since = (at: number) => (at - start) / 1000;
  const drains = new Map<string, number>();
  for (const { what, host, at } of cloud.records)
    if (what === 'move_started' && !drains.has(host)) drains.set(host, since(at));
  const ends = new Map<string, number>();
  for (const { host, state, at } of hostNotices)
    if (state === 'MAINTENANCE_COMPLETE') ends.set(host, since(at));
  const hosts = hostNotices
    .filter(({ state }) => state === 'IN_MAINTENANCE')
    .map(({ host, at }): HostSpan => {
      const drainFrom = drains.get(host);
      const span = { host, from: since(at), to: ends.get(host) ?? Infinity };
      return drainFrom === undefined ? span : { ...span, drainFrom };
    });
  return { seconds: Math.max(0, ...hosts.map(({ to }) => to)), hosts };
}
