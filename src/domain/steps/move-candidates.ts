/** Which instances of a host could be taken off it now, and how. */
import type { InstanceAction, MoveAction } from '../cloud.ts';
import { hostInstances, visitCommands } from '../session-view.ts';
import { rememberedFor } from '../remembered-for.ts';
import type { Instance, Session } from '../session.ts';
import type { World } from '../workflow.ts';
import { underWay } from './move-endings.ts';
import { nextAction } from './move-obstacles.ts';
import { mayMove } from './move-retry.ts';

/** An instance to which something could be done, and what. */
export type Candidate = Instance & { readonly next: InstanceAction };
/** One that is moved by us. */
export type Leaving = Instance & { readonly next: MoveAction };

export const leavesByUs = (candidate: Candidate): candidate is Leaving => candidate.next !== 'OWN_ACTION';

/** Whose departure from which host is or was waited for in this visit; one that left and is back has to leave once more. */
const watchedDepartures: (session: Session) => ReadonlySet<string> = rememberedFor(
  (session) =>
    new Set(
      visitCommands(session, 'watch_departure')
        .filter(({ endedAt, error }) => endedAt === undefined || error !== undefined)
        .flatMap(({ command: { host, instanceIds } }) => instanceIds.map((id) => departure(host, id))),
    ),
);

const departure = (host: string, instanceId: string) => `${instanceId} from ${host}`;

const anyOfThem = () => true;

/** The instances on the host to which something could be done now, whosever turn it is; of those that are wanted. */
export function mayStart(
  session: Session,
  host: string,
  world: World,
  isWanted: (instance: Instance, next: InstanceAction) => boolean = anyOfThem,
): readonly Candidate[] {
  const busy = underWay(session);
  const watched = watchedDepartures(session);
  return hostInstances(session, host).flatMap((instance) => {
    const next = nextAction(session, instance, world);
    if (!isWanted(instance, next)) return [];
    const may =
      next === 'OWN_ACTION'
        ? !watched.has(departure(host, instance.id))
        : !busy.has(instance.id) && mayMove(session, instance, world);
    return may ? [{ ...instance, next }] : [];
  });
}
