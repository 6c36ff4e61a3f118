/** The state that a `vnf` session is shown in while its hosts are worked on side by side (issue 4, part 3). */
import { computes, hostInstances } from './session-view.ts';
import { rememberedFor } from './remembered-for.ts';
import type { Instance, Session, SessionState } from './session.ts';

/** PREPARE until a host is maintained, then PLANNED while notices are pending, else START. */
export function phaseOf(session: Session): SessionState {
  if (!computes(session).some(({ progress }) => progress === 'maintained')) return 'PREPARE_MAINTENANCE';
  const isPending = computes(session)
    .filter(({ progress }) => progress === 'waiting' || progress === 'draining')
    .some(({ name }) => isAnyAsked(hostInstances(session, name)));
  return isPending ? 'PLANNED_MAINTENANCE' : 'START_MAINTENANCE';
}

const isAnyAsked: (instances: readonly Instance[]) => boolean = rememberedFor((instances) =>
  instances.some(({ question }) => question !== undefined && question.answer === undefined),
);
