/**
 * Where instances fit. Used to choose which host to empty next and where its instances go. It knows what Nova's
 * scheduler will surely refuse (capacity, anti-affinity), not all that it may: the scheduler has the last word.
 */
import type { Resources } from './cloud.ts';
import { groupedBy } from './kept-index.ts';
import { apartRules, type ApartRule } from './placement-rules.ts';
import { rememberedFor, rememberedWhile, theSession } from './remembered-for.ts';
import { computes, hostInstances } from './session-view.ts';
import type { Host, Instance, Session } from './session.ts';

/** Where every instance is and what room every host has, at one moment of a simulated campaign. Never changed in place. */
export interface Layout {
  readonly hosts: ReadonlyMap<string, Host>;
  /** Instances by host. */
  readonly carried: ReadonlyMap<string, readonly Instance[]>;
  /** The same by their ids. */
  readonly instances: ReadonlyMap<string, Instance>;
  /** The rules that keep an instance apart from others. */
  readonly groupsOf: ReadonlyMap<string, readonly ApartRule[]>;
  /**
   * By an instance the hosts that it left by live migration. Nova's scheduler still counts them there for its anti-affinity
   * filter: the source reports them once more when the migration is over (Nova 26, `_post_live_migration`), and only
   * the next `scheduler_instance_sync_interval`, 120 s by default, corrects that. Cold migrations do not have this.
   */
  readonly remembered: ReadonlyMap<string, readonly string[]>;
}

/** Instance id to host name. */
export type Placement = ReadonlyMap<string, string>;

/**
 * Backtracking gives up after this many tried places: a host carries tens of instances, and a search that has not
 * succeeded by then is not worth a longer wait; the cloud's scheduler is asked without a target instead.
 */
const placementTries = 5_000;

/** The layout as the session last saw it. */
export const currentLayout: (session: Session) => Layout = rememberedFor((session) => {
  const hosts = new Map([...session.hosts, ...session.otherHosts].map((host) => [host.name, host]));
  const carried = new Map([...hosts.keys()].map((name) => [name, hostInstances(session, name)]));
  const { instances } = session;
  return { hosts, carried, instances, groupsOf: groupsOf(session), remembered: rememberedBy(instances) };
});

/** The rules that keep an instance apart from others. */
export const groupsOf: (session: Session) => Layout['groupsOf'] = rememberedWhile(
  theSession,
  ({ serverGroups, constraints }) => [serverGroups, constraints],
  (session) => {
    const rules = apartRules(session).flatMap((rule) => rule.members.map((member) => ({ member, rule })));
    return new Map(
      [...groupedBy(rules, ({ member }) => member)].map(([member, own]) => [
        member,
        own.map(({ rule }) => rule),
      ]),
    );
  },
);

const rememberedBy: (instances: Session['instances']) => Layout['remembered'] = rememberedFor((instances) => {
  const left = new Map<string, readonly string[]>();
  for (const { id, host, leftLive } of instances.values()) {
    const names = [...new Set(leftLive)].filter((name) => name !== host);
    if (names.length > 0) left.set(id, names);
  }
  return left;
});

/**
 * A place for each of these instances on the targets, or undefined where there is none for all of them at once. Where it
 * can be had, one that the scheduler accepts at once (see `Layout.remembered`).
 */
export function place(
  layout: Layout,
  instances: readonly Instance[],
  targets: readonly string[],
): Placement | undefined {
  const atOnce = placeAtOnce(layout, instances, targets);
  if (atOnce !== undefined || layout.remembered.size === 0) return atOnce;
  return placeAtOnce({ ...layout, remembered: new Map() }, instances, targets);
}

/** The same, with what the scheduler remembers taken for real. */
export function placeAtOnce(
  layout: Layout,
  instances: readonly Instance[],
  targets: readonly string[],
): Placement | undefined {
  const free = new Map(targets.map((name) => [name, freeRoom(layout, name)]));
  const members = groupMembers(layout, new Set(instances.map(({ id }) => id)), targets);
  const chosen = new Map<string, string>();
  const ordered = [...instances].sort(
    (a, b) =>
      (layout.groupsOf.get(b.id)?.length ?? 0) - (layout.groupsOf.get(a.id)?.length ?? 0) ||
      b.size.vcpus - a.size.vcpus ||
      b.size.memoryMb - a.size.memoryMb,
  );
  let tries = 0;

  const placeFrom = (index: number): boolean => {
    const instance = ordered[index];
    if (instance === undefined) return true;
    const groups = layout.groupsOf.get(instance.id) ?? [];
    // Tightest first: large gaps stay for large instances.
    const candidates = targets
      .filter(
        (name) => fits(instance.size, free.get(name)) && groups.every((group) => members.room(group, name)),
      )
      .sort((a, b) => (free.get(a)?.vcpus ?? 0) - (free.get(b)?.vcpus ?? 0));
    for (const name of candidates) {
      if ((tries += 1) > placementTries) return false;
      const before = free.get(name);
      if (before === undefined) continue;
      free.set(name, subtract(before, instance.size));
      groups.forEach((group) => members.add(group, name, 1));
      chosen.set(instance.id, name);
      if (placeFrom(index + 1)) return true;
      free.set(name, before);
      groups.forEach((group) => members.add(group, name, -1));
      chosen.delete(instance.id);
    }
    return false;
  };
  return placeFrom(0) ? chosen : undefined;
}

/** The layout after these instances went where the placement says; the hosts that they left may be remembered. */
export function moved(layout: Layout, placement: Placement): Layout {
  const changing = new ChangingLayout(layout);
  changing.move(placement);
  return changing.now;
}

/** A copy of a layout that many moves are tried out on, one after the other. */
export class ChangingLayout {
  /** As it is after the moves so far; it changes with the next. */
  readonly now: Layout;
  readonly #carried: Map<string, readonly Instance[]>;
  readonly #instances: Map<string, Instance>;
  readonly #remembered: Map<string, readonly string[]>;

  constructor(layout: Layout) {
    this.#carried = new Map(layout.carried);
    this.#instances = new Map(layout.instances);
    this.#remembered = new Map(layout.remembered);
    this.now = {
      ...layout,
      carried: this.#carried,
      instances: this.#instances,
      remembered: this.#remembered,
    };
  }

  /** Instances go where the placement says; the hosts that they left may be remembered. */
  move(placement: Placement): void {
    for (const [id, name] of placement) this.#moveOne(id, name);
  }

  #moveOne(id: string, name: string): void {
    const instance = this.#instances.get(id);
    const from = instance?.host;
    const left = from === undefined ? undefined : this.#carried.get(from);
    if (instance === undefined || from === undefined || left === undefined) return;
    const there = { ...instance, host: name };
    this.#carried.set(
      from,
      left.filter((one) => one.id !== id),
    );
    this.#carried.set(name, [...(this.#carried.get(name) ?? []), there]);
    this.#instances.set(id, there);
    this.#remembered.set(id, [...(this.#remembered.get(id) ?? []), from]);
  }
}

/** Computes that may take instances while this one is emptied: open, heard of, and not the host itself. */
export function openTargets(session: Session, leaving: string): readonly string[] {
  return [...computes(session), ...session.otherHosts]
    .filter((host) => isOpenTarget(host, leaving))
    .map(({ name }) => name);
}

/** May this compute take instances while that one is emptied? One that is being emptied itself takes none, closed already or not. */
export function isOpenTarget({ name, open, up, foundClosed, progress }: Host, leaving: string): boolean {
  if (name === leaving || !open || !up || foundClosed) return false;
  return progress !== 'draining' && progress !== 'in_maintenance';
}

function freeRoom(layout: Layout, name: string): Resources {
  const capacity = layout.hosts.get(name)?.capacity ?? nothing;
  return subtract(capacity, takenBy(layout.carried.get(name) ?? none));
}

const nothing: Resources = { vcpus: 0, memoryMb: 0, diskGb: 0 };
const none: readonly Instance[] = [];

/** What instances take together. */
export const takenBy: (instances: readonly Instance[]) => Resources = rememberedFor((instances) => {
  let { vcpus, memoryMb, diskGb } = nothing;
  for (const { size } of instances) {
    vcpus += size.vcpus;
    memoryMb += size.memoryMb;
    diskGb += size.diskGb;
  }
  return { vcpus, memoryMb, diskGb };
});

function fits(size: Resources, room: Resources | undefined): boolean {
  return (
    room !== undefined &&
    size.vcpus <= room.vcpus &&
    size.memoryMb <= room.memoryMb &&
    size.diskGb <= room.diskGb
  );
}

function subtract(a: Resources, b: Resources): Resources {
  return { vcpus: a.vcpus - b.vcpus, memoryMb: a.memoryMb - b.memoryMb, diskGb: a.diskGb - b.diskGb };
}

/**
 * Counts how many members each target carries of the rules that hold for the instances that are on their way; those do not
 * count themselves.
 */
function groupMembers(layout: Layout, moving: ReadonlySet<string>, targets: readonly string[]) {
  const counts = new Map<ApartRule, Map<string, number>>();
  const add = (rule: ApartRule, name: string, amount: number) => {
    const byHost = counts.get(rule) ?? new Map<string, number>();
    counts.set(rule, byHost.set(name, (byHost.get(name) ?? 0) + amount));
  };
  const isTarget = new Set(targets);
  const rules = new Set([...moving].flatMap((id) => layout.groupsOf.get(id) ?? []));
  for (const rule of rules) {
    for (const id of rule.members) {
      if (moving.has(id)) continue;
      const host = layout.instances.get(id)?.host;
      if (host !== undefined && isTarget.has(host)) add(rule, host, 1);
      if (!rule.isHeldByCloud) continue;
      for (const name of layout.remembered.get(id) ?? []) if (isTarget.has(name)) add(rule, name, 1);
    }
  }
  return {
    add,
    room: (rule: ApartRule, name: string) => (counts.get(rule)?.get(name) ?? 0) < rule.maxPerHost,
  };
}
