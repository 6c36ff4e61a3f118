/** Where there is room for more, looked at quickly. */
import { chosenAction, needsRoomForItself } from '../agreed-action.ts';
import { outOfService } from '../impact-budget.ts';
import { manyHosts, scattered } from '../planner/rollout.ts';
import { usualWeights } from '../planner/priority.ts';
import { rememberedFor } from '../remembered-for.ts';
import { instancesByHost } from '../session-index.ts';
import { computes, computesAt, hostInstances, isFinished, staysClosed } from '../session-view.ts';
import type { Host, HostProgress, Instance, Session } from '../session.ts';
import type { World } from '../workflow.ts';

/** A host with room, and how many processors of it are free. */
export interface Place {
  readonly name: string;
  readonly free: number;
}

/** How long before the end of a maintenance places on its host are given away, as the planner has it. Seconds. */
export function secondsBeforeEnd(session: Session, { settings, durations }: World): number {
  const hosts = session.otherHosts.length + computes(session).length;
  if (hosts < manyHosts) return 0;
  const moves = session.instances.size / Math.max(1, hosts * settings.parallelMoves);
  const isAnyFinished = computes(session).some(({ progress }) => progress === 'maintained');
  const times = isAnyFinished ? usualWeights.ahead : usualWeights.aheadAtFirst;
  return times * moves * durations.moveSeconds;
}

/**
 * The hosts to which a waiting host's instances could go in so many seconds: by their processors alone, before much is worked
 * out. Undefined: to any, as nothing is begun yet. While much of what is free is on hosts that wait themselves, they are among them.
 */
export function placesBy(session: Session, world: World, seconds: number): readonly Place[] | undefined {
  const hosts = computes(session);
  if (hosts.every(({ progress }) => progress === 'waiting')) return undefined;
  const usedOn = (name: string) => processorsOf(hostInstances(session, name));
  const incoming = reservedProcessors(session);
  const freeOn = ({ name, capacity, progress }: Host) => {
    const own = progress === 'draining' ? 0 : usedOn(name);
    return capacity.vcpus - own - (incoming.get(name) ?? 0);
  };
  const waiting = hosts.filter(({ progress }) => progress === 'waiting');
  const there = hosts.filter((host) => isThereBy(session, host, world, seconds));
  const freeOnWaiting = waiting.reduce((sum, host) => sum + Math.max(0, freeOn(host)), 0);
  const total = [...session.otherHosts, ...hosts].reduce((sum, { capacity }) => sum + capacity.vcpus, 0);
  const used = [...instancesByHost(session.instances).values()].map(processorsOf);
  const free = total - used.reduce((sum, amount) => sum + amount, 0);
  const mayMoveAgain =
    session.otherHosts.length + hosts.length >= manyHosts && freeOnWaiting > scattered * free;
  return [...session.otherHosts, ...there, ...(mayMoveAgain ? waiting : [])]
    .filter(({ up, progress }) => up || progress === 'in_maintenance')
    .map((host) => ({ name: host.name, free: freeOn(host) }))
    .filter((place) => place.free > 0);
}

/** Is there enough free in all for what a host carries? Quickly, and by processors alone. */
export function mayFit(session: Session, { name }: Host, places: readonly Place[] | undefined): boolean {
  // Where nothing is under way what fits nowhere for good may go to a host that waits: a second move is better than none.
  if (places === undefined || !session.hosts.some(({ progress }) => standing[progress] === 'busy'))
    return true;
  const free = places.reduce((sum, place) => (place.name === name ? sum : sum + place.free), 0);
  const carried = hostInstances(session, name);
  if (processorsOf(carried) <= free) return true;
  // What leaves by its own action needs no place.
  const leaving = carried.filter(
    (instance) => chosenAction(session, instance) !== 'OWN_ACTION' || needsRoomForItself(session, instance),
  );
  return processorsOf(leaving) <= free;
}

/** Hosts that are worked on are alike: for others nothing changes when one goes from being emptied to being maintained. */
const standing: Readonly<Record<HostProgress, string>> = {
  waiting: 'waiting',
  draining: 'busy',
  in_maintenance: 'busy',
  maintained: 'maintained',
  skipped: 'skipped',
};

/** Whatever decides which of these hosts fit somewhere, to be compared with what it was before. */
export function whatAdmissionDependsOn(
  session: Session,
  hosts: readonly Host[],
  places: readonly Place[] | undefined,
): readonly unknown[] {
  return [
    session.constraintsSequence,
    session.serverGroups,
    [...session.hosts, ...session.otherHosts].map(stateOf).join(),
    outOfService(session).join(),
    hosts.map(({ name }) => name).join(),
    places?.map(({ name, free }) => `${name} ${free}`).join(),
    // One that waits may take instances too, where there is no other place.
    ...[...computesAt(session, 'waiting'), ...(places ?? session.otherHosts)].map(({ name }) =>
      loadOf(hostInstances(session, name)),
    ),
  ];
}

const stateOf: (host: Host) => string = rememberedFor(
  ({ up, progress, capacity: { vcpus, memoryMb, diskGb } }) =>
    `${up ? standing[progress] : 'down'} ${vcpus} ${memoryMb} ${diskGb}`,
);

/** What each takes, and how its application wants it to leave: by its own action it may need no room elsewhere. */
const loadOf: (instances: readonly Instance[]) => string = rememberedFor((instances) =>
  instances
    .map(
      ({ id, size: { vcpus, memoryMb, diskGb }, question }) =>
        `${vcpus} ${memoryMb} ${diskGb} ${question?.actions[id] ?? ''}`,
    )
    .join(' '),
);

function isThereBy(
  session: Session,
  host: Host,
  { now, durations, settings }: World,
  seconds: number,
): boolean {
  if (isFinished(host)) return !staysClosed(host);
  if (host.progress === 'waiting') return false;
  const whole = durations.hosts[host.name] ?? durations.hostSeconds;
  if (host.progress === 'in_maintenance') {
    return whole - (now - (host.maintenanceStartedAt ?? now)) / 1000 <= seconds;
  }
  const rounds = hostInstances(session, host.name).length / settings.parallelMoves;
  return rounds * durations.moveSeconds + whole <= seconds;
}

const processorsOf: (instances: readonly Instance[]) => number = rememberedFor((instances) =>
  instances.reduce((sum, { size }) => sum + size.vcpus, 0),
);

function reservedProcessors({ hosts, instances }: Session): ReadonlyMap<string, number> {
  const incoming = new Map<string, number>();
  for (const { reservations = {} } of hosts) {
    for (const [id, target] of Object.entries(reservations)) {
      const instance = instances.get(id);
      if (instance === undefined || instance.host === target) continue;
      incoming.set(target, (incoming.get(target) ?? 0) + instance.size.vcpus);
    }
  }
  return incoming;
}
