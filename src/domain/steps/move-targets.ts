/** Where the instances of the host that is being emptied are sent. */
import { currentLayout, moved, openTargets, place, type Layout } from '../placement.ts';
import { pendingCommands, visitCommands, type RecordOf } from '../session-view.ts';
import type { Instance, Session } from '../session.ts';

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
  const layout = layoutToCome(session);
  return instances.filter(
    (instance) =>
      needsOurTarget(layout, instance) && targetAlone(session, layout, host, instance) === undefined,
  );
}

/** One that has turned the instance back is asked again last: it may have room by then. */
function targetAlone(session: Session, layout: Layout, host: string, instance: Instance) {
  const tried = visitCommands(session, 'move_instance')
    .filter(({ command, error }) => command.instanceId === instance.id && error !== undefined)
    .map(({ command }) => command.target);
  const open = openTargets(session, host);
  const untried = open.filter((name) => !tried.includes(name));
  return (place(layout, [instance], untried) ?? place(layout, [instance], open))?.get(instance.id);
}

/** The layout as it will be when the moves that are under way have ended. */
function layoutToCome(session: Session): Layout {
  const onTheirWay = pendingCommands(session)
    .filter((record): record is RecordOf<'move_instance'> => record.command.kind === 'move_instance')
    .flatMap(({ command: { instanceId, target } }) =>
      target === undefined ? [] : [[instanceId, target] as const],
    );
  return moved(currentLayout(session), new Map(onTheirWay));
}
