/** Where the instances of the host that is being emptied are sent. */
import {
  currentLayout,
  groupsOf,
  isOpenTarget,
  moved,
  openTargets,
  place,
  type Layout,
} from '../placement.ts';
import { hostNamed, pendingCommands, type RecordOf } from '../session-view.ts';
import type { Host, Instance, Session } from '../session.ts';
import { movesOf } from './move-retry.ts';

/**
 * A target for each of these instances, where we know one. From the second try on the cloud chooses, our own reckoning was
 * wrong; but not for an instance under a rule that the cloud does not know: for that one another target is tried.
 * @param first the instances to be moved now
 * @param later those that leave the same host after them: room is kept for all of them where there is enough
 */
export function targetsOf(
  session: Session,
  host: string,
  first: readonly Instance[],
  later: readonly Instance[],
): ReadonlyMap<string, string> {
  const start = layoutToCome(session);
  const open = openTargets(session, host);
  const together = place(start, [...first, ...later], open) ?? place(start, first, open);
  const targets = new Map<string, string>();
  let layout = start;
  const take = (id: string, target: string | undefined) => {
    if (target === undefined) return;
    targets.set(id, target);
    layout = moved(layout, new Map([[id, target]]));
  };
  for (const instance of first) {
    const { id } = instance;
    if (!needsOurTarget(start, instance)) {
      take(id, instance.attempts === 0 ? together?.get(id) : undefined);
    } else {
      const planned = instance.attempts === 0 ? together?.get(id) : undefined;
      take(id, planned ?? targetAlone(session, layout, host, instance));
    }
  }
  return targets;
}

/** May this instance be moved only to a target that we chose, as a rule holds for it that the cloud does not know? */
export function needsOurTarget({ groupsOf }: Pick<Layout, 'groupsOf'>, { id }: Instance): boolean {
  return groupsOf.get(id)?.some(({ isHeldByCloud }) => !isHeldByCloud) ?? false;
}

/** Those of the instances that no open host can take without breaking a rule that the cloud does not know. */
export function homeless<T extends Instance>(
  session: Session,
  host: string,
  instances: readonly T[],
): readonly T[] {
  return instances
    .filter((instance) => needsOurTarget({ groupsOf: groupsOf(session) }, instance))
    .filter((instance) => targetAlone(session, layoutToCome(session), host, instance) === undefined);
}

/** Where an instance is sent: a host of our choice, wherever the cloud finds room, or nowhere just now. */
export type TargetChoice =
  { readonly kind: 'host'; readonly name: string } | { readonly kind: 'cloud' } | { readonly kind: 'none' };

/**
 * Where an instance of a host is sent that was admitted: to the place that was reserved for it, once that is open; until then it waits. Where that
 * place is gone or turned it back, or none was reserved as it came later: to another, finished hosts first, and at last to
 * where the cloud finds room, unless a rule holds for it that the cloud does not know.
 */
export function targetOf(session: Session, host: Host, instance: Instance): TargetChoice {
  const reserved = instance.attempts === 0 ? host.reservations?.[instance.id] : undefined;
  const place = reserved === undefined ? undefined : hostNamed(session, reserved);
  if (place !== undefined && isOpenTarget(place, host.name)) return { kind: 'host', name: place.name };
  // Its room was given away ahead; it opens when its maintenance is over, or is given up, and then another place is looked for.
  if (place?.progress === 'in_maintenance') return { kind: 'none' };
  // It is about to be opened again.
  if (place?.progress === 'maintained' && place.closedByUs && place.up) return { kind: 'none' };
  const layout = layoutToCome(session, instance.id);
  const other = targetAlone(session, layout, host.name, instance);
  if (other !== undefined) return { kind: 'host', name: other };
  return needsOurTarget(layout, instance) || instance.attempts === 0 ? { kind: 'none' } : { kind: 'cloud' };
}

/**
 * One that has turned the instance back is asked again last: it may have room by then. Hosts that are still to be maintained
 * come after those that are not: the instance would have to move once more.
 */
function targetAlone(session: Session, layout: Layout, host: string, instance: Instance) {
  const tried = movesOf(session, instance.id)
    .filter(({ error }) => error !== undefined)
    .map(({ command }) => command.target);
  const open = openTargets(session, host);
  const untried = open.filter((name) => !tried.includes(name));
  const waiting = new Set(
    session.hosts.filter(({ progress }) => progress === 'waiting').map(({ name }) => name),
  );
  const choices = [untried.filter((name) => !waiting.has(name)), untried, open];
  for (const names of choices) {
    const target = place(layout, [instance], names)?.get(instance.id);
    if (target !== undefined) return target;
  }
  return undefined;
}

/** The layout as it will be when the moves that are under way have ended, and all that was reserved is taken. */
function layoutToCome(session: Session, butFor?: string): Layout {
  const onTheirWay = pendingCommands(session)
    .filter((record): record is RecordOf<'move_instance'> => record.command.kind === 'move_instance')
    .flatMap(({ command: { instanceId, target } }) =>
      target === undefined ? [] : [[instanceId, target] as const],
    );
  const reserved = session.hosts.flatMap(({ reservations }) =>
    Object.entries(reservations ?? {}).filter(
      ([id, target]) => id !== butFor && session.instances.get(id)?.host !== target,
    ),
  );
  return moved(currentLayout(session), new Map([...reserved, ...onTheirWay]));
}
