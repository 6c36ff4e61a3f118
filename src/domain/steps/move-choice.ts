/** What is done with an instance of the host that is being emptied, and whether its turn has come. */
import { chosenAction } from '../agreed-action.ts';
import type { InstanceAction } from '../cloud.ts';
import { admit, type Admission } from '../impact-budget.ts';
import type { Instance, Session } from '../session.ts';
import type { WorkflowSettings } from '../settings.ts';
import type { World } from '../workflow.ts';

/**
 * What is to be done with an instance: its project's word, in `vnf` else what it registered, or the option for projects
 * that cannot be asked.
 */
export function actionFor(session: Session, instance: Instance, { settings }: World): InstanceAction {
  const project = session.projects[instance.projectId];
  if (project?.subscribed === false && settings.unsubscribedProjects !== 'fail')
    return settings.unsubscribedProjects;
  // An instance that came after the reply is treated as the gentlest default that every instance bears.
  return chosenAction(session, instance) ?? 'MIGRATE';
}

/**
 * Whose turn it is. In `default` that of all: their projects have agreed beforehand. In `vnf` an instance needs its own
 * ACK and a free slot of its group; its project's lead time is given away by the ACK.
 */
export function turns<T extends Instance>(
  session: Session,
  candidates: readonly T[],
  { now }: World,
): Admission<T> {
  if (session.request.workflow !== 'vnf') return { admitted: candidates, freeAt: [], blocked: [] };
  return admit(
    session,
    candidates.filter((instance) => hasAgreed(session, instance)),
    now,
  );
}

function hasAgreed({ projects }: Session, { projectId, question }: Instance): boolean {
  return projects[projectId]?.subscribed === false || question?.answer === 'ACK';
}

/** How long a live migration of an instance may take (facts 5, `max_interruption_time`). Seconds. */
export function liveMigrationLimit(
  session: Session,
  instanceId: string,
  { liveMigrationSeconds }: WorkflowSettings,
): number {
  const own = session.constraints?.instances[instanceId]?.maxInterruptionSeconds ?? 0;
  return session.request.workflow === 'vnf' && own > 0
    ? Math.min(own, liveMigrationSeconds)
    : liveMigrationSeconds;
}
