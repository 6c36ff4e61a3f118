/** Where there is room for more, looked at quickly. */
import { rememberedFor } from '../session-index.ts';
import { computes, hostInstances, isFinished } from '../session-view.ts';
import type { Host, Session } from '../session.ts';
import type { World } from '../workflow.ts';

/** A host with room, and how many processors of it are free. */
export interface Place {
  readonly name: string;
  readonly free: number;
}

/**
 * The hosts to which a waiting host's instances could go in so many seconds: by their processors alone, before much is worked
 * out. Undefined: to any, as nothing is begun yet.
 */
export function placesBy(session: Session, world: World, seconds: number): readonly Place[] | undefined {
  const hosts = computes(session);
  if (hosts.every(({ progress }) => progress === 'waiting')) return undefined;
  const used = usedProcessors(session.instances);
  const incoming = reservedProcessors(session);
  return [...session.otherHosts, ...hosts.filter((host) => isThereBy(session, host, world, seconds))]
    .filter(({ up }) => up)
    .map(({ name, capacity, progress }) => {
      const own = progress === 'draining' ? 0 : (used.get(name) ?? 0);
      return { name, free: capacity.vcpus - own - (incoming.get(name) ?? 0) };
    })
    .filter(({ free }) => free > 0);
}

function isThereBy(
  session: Session,
  host: Host,
  { now, durations, settings }: World,
  seconds: number,
): boolean {
  if (isFinished(host)) return true;
  if (host.progress === 'waiting') return false;
  const whole = durations.hosts[host.name] ?? durations.hostSeconds;
  if (host.progress === 'in_maintenance') {
    return whole - (now - (host.maintenanceStartedAt ?? now)) / 1000 <= seconds;
  }
  const rounds = hostInstances(session, host.name).length / settings.parallelMoves;
  return rounds * durations.moveSeconds + whole <= seconds;
}

const usedProcessors: (instances: Session['instances']) => ReadonlyMap<string, number> = rememberedFor(
  (instances) => {
    const used = new Map<string, number>();
    for (const { host, size } of Object.values(instances))
      if (host !== undefined) used.set(host, (used.get(host) ?? 0) + size.vcpus);
    return used;
  },
);

function reservedProcessors({ hosts, instances }: Session): ReadonlyMap<string, number> {
  const incoming = new Map<string, number>();
  for (const { reservations = {} } of hosts) {
    for (const [id, target] of Object.entries(reservations)) {
      const instance = instances[id];
      if (instance === undefined || instance.host === target) continue;
      incoming.set(target, (incoming.get(target) ?? 0) + instance.size.vcpus);
    }
  }
  return incoming;
}
