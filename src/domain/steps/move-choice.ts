/** What is done with an instance of a host that is being emptied. */
import { chosenAction } from '../agreed-action.ts';
import type { InstanceAction } from '../cloud.ts';
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
