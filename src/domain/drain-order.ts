/**
 * In which order hosts are emptied, one at a time, so that every one of them can be: a greedy simulation of the
 * campaign. Fenix looked at one host at a time and could run into anti-affinity halfway (facts 3.3 and 8).
 */
import {
  ChangingLayout,
  currentLayout,
  moved,
  openTargets,
  place,
  placeAtOnce,
  takenBy,
  type Layout,
  type Placement,
} from './placement.ts';
import { rememberedFor } from './remembered-for.ts';
import { computes, hostInstances, isFinished } from './session-view.ts';
import type { Host, Instance, Session } from './session.ts';

/** A host that can be emptied now, and where its instances go. */
export interface DrainChoice {
  readonly host: string;
  readonly placement: Placement;
  /** Can all the others be emptied after it? */
  readonly restFits: boolean;
}

/**
 * Computes still to be maintained, in the order of preference: least to move, fewest group members, most free. One that
 * is down is left until nothing else is: nothing can be moved from it before it is back.
 */
export function drainCandidates(session: Session): readonly Host[] {
  const waiting = computes(session).filter(({ progress }) => progress === 'waiting');
  const up = waiting.filter((host) => host.up);
  return preferred(currentLayout(session), up.length > 0 ? up : waiting);
}

/** An unmaintained compute without instances. */
export function emptyCompute(session: Session): Host | undefined {
  return computes(session).find(
    (host) => host.progress === 'waiting' && hostInstances(session, host.name).length === 0,
  );
}

/**
 * The best host to empty now: the first candidate whose instances fit elsewhere and after which the rest can be done;
 * failing that, the first whose instances fit. Hosts whose instances the scheduler accepts elsewhere at once come before
 * those for which it must forget something first. Undefined when no host can be emptied.
 */
export function chooseDrain(session: Session): DrainChoice | undefined {
  const atOnce = firstDrain(session, placeAtOnce);
  return atOnce?.restFits === true ? atOnce : (firstDrain(session, place) ?? atOnce);
}

/** How an instance is placed: heeding what the scheduler remembers wrongly, or only where it can be had. */
type Fit = typeof place;

function firstDrain(session: Session, fit: Fit): DrainChoice | undefined {
  const layout = currentLayout(session);
  let fallback: DrainChoice | undefined;
  for (const { name } of drainCandidates(session)) {
    const placement = fit(layout, layout.carried.get(name) ?? [], targetsOf(session, name));
    if (placement === undefined) continue;
    const restFits = canEmptyAll(session, moved(layout, placement), fit, name);
    if (restFits) return { host: name, placement, restFits };
    fallback ??= { host: name, placement, restFits };
  }
  return fallback;
}

/** Can every compute of the session be emptied in its turn, as things stand? */
export function canEmptyEveryHost(session: Session): boolean {
  return emptyCompute(session) === undefined
    ? (chooseDrain(session)?.restFits ?? computes(session).every(isFinished))
    : canEmptyAll(session, currentLayout(session), place);
}

/**
 * Goes on from a layout: hosts without instances are maintained at once and take instances from then on; then the
 * first host that fits is emptied to maintained and outside hosts, and so on. `emptied` is maintained first.
 */
function canEmptyAll(session: Session, start: Layout, fit: Fit, emptied?: string): boolean {
  const changing = new ChangingLayout(start);
  const layout = changing.now;
  const waiting = new Set(
    computes(session)
      .filter((host) => !isFinished(host) && host.name !== emptied)
      .map(({ name }) => name),
  );
  for (;;) {
    for (const name of waiting) if ((layout.carried.get(name) ?? []).length === 0) waiting.delete(name);
    if (waiting.size === 0) return true;
    const targets = finishedTargets(session, waiting);
    const next = firstThatFits(layout, waiting, targets, fit);
    if (next === undefined) return false;
    changing.move(next.placement);
    waiting.delete(next.name);
  }
}

function firstThatFits(layout: Layout, waiting: ReadonlySet<string>, targets: readonly string[], fit: Fit) {
  const hosts = [...waiting].map((name) => layout.hosts.get(name)).filter((host) => host !== undefined);
  for (const { name } of preferred(layout, hosts)) {
    const placement = fit(layout, layout.carried.get(name) ?? [], targets);
    if (placement !== undefined) return { name, placement };
  }
  return undefined;
}

/** Once a host is finished the rest is closed: what is left takes only finished hosts and those outside the session. */
function finishedTargets(session: Session, waiting: ReadonlySet<string>): readonly string[] {
  return [
    ...computes(session).filter(({ name, foundClosed, up }) => !waiting.has(name) && !foundClosed && up),
    ...session.otherHosts.filter(({ open, up }) => open && up),
  ].map(({ name }) => name);
}

/**
 * Targets for a host that is emptied now. Hosts that we closed ourselves but have not begun with count as open as long
 * as none is finished: they are opened again for it (see `closeChosenHost` in steps/hosts.ts).
 */
function targetsOf(session: Session, leaving: string): readonly string[] {
  const anyFinished = computes(session).some(({ progress }) => progress === 'maintained');
  const open = new Set(openTargets(session, leaving));
  if (!anyFinished) {
    for (const host of computes(session)) {
      if (host.closedByUs && host.up && host.name !== leaving && host.progress === 'waiting')
        open.add(host.name);
    }
  }
  return [...open];
}

function preferred(layout: Layout, hosts: readonly Host[]): readonly Host[] {
  const weight = new Map(
    hosts.map((host) => {
      const instances = layout.carried.get(host.name) ?? none;
      return [
        host.name,
        {
          instances: instances.length,
          grouped: groupedAmong(layout.groupsOf)(instances),
          free: host.capacity.vcpus - takenBy(instances).vcpus,
        },
      ];
    }),
  );
  const of = (host: Host) => weight.get(host.name) ?? { instances: 0, grouped: 0, free: 0 };
  return [...hosts].sort(
    (a, b) => of(a).instances - of(b).instances || of(a).grouped - of(b).grouped || of(b).free - of(a).free,
  );
}

const none: readonly Instance[] = [];

/** How many of the instances are members of a group. */
const groupedAmong: (groupsOf: Layout['groupsOf']) => (instances: readonly Instance[]) => number =
  rememberedFor((groupsOf) =>
    rememberedFor((instances) => instances.filter(({ id }) => groupsOf.has(id)).length),
  );
