/** What is to be done with an instance by its application's word: in its reply, or as registered before. */
import type { InstanceAction } from './cloud.ts';
import type { Instance, Session } from './session.ts';

/** The action that stands in for one that a reply does not name (facts 5, `migration_type`); `vnf` alone has it. */
export function registeredAction(session: Session, { id }: Instance): InstanceAction | undefined {
  const registered = session.request.workflow === 'vnf' ? session.constraints?.instances[id] : undefined;
  return registered?.migrationPreference?.[0] ?? registered?.migrationType;
}

/** The action that the application named in its reply, else the registered one; undefined where there is neither. */
export function chosenAction(session: Session, instance: Instance): InstanceAction | undefined {
  const { id, projectId, question } = instance;
  const said = question?.actions[id] ?? session.projects[projectId]?.question?.actions[id];
  return said ?? registeredAction(session, instance);
}

/** Does the application bring a replacement into being before it takes this instance away? */
export function needsRoomForItself(session: Session, instance: Instance): boolean {
  return (
    registeredAction(session, instance) === 'OWN_ACTION' &&
    session.constraints?.instances[instance.id]?.resourceMitigation === true
  );
}

/** From its ACK on an application may act by itself at any moment. */
export function leavesByItself(session: Session, instance: Instance): boolean {
  return instance.question?.answer === 'ACK' && chosenAction(session, instance) === 'OWN_ACTION';
}

/**
 * Until when OWN_ACTION may be answered, and a slot is held for it: the end of the reply window, never while the notice is on its
 * way. Undefined: it is not offered, or the question was answered or put off. Milliseconds since 1970.
 */
export function offerEndsAt({ commands }: Session, { question }: Instance): number | undefined {
  if (question?.offersOwnAction !== true || question.answer !== undefined) return undefined;
  if (question.deferredUntil !== undefined || commands.get(question.commandId)?.error !== undefined)
    return undefined;
  const { deliveredAt = Infinity, replyWithin = Infinity } = question;
  return deliveredAt + replyWithin;
}

/** Its application was to act by itself and did not in time: it may do so yet. */
export function isOverdue({ action, actionOutcome, gone }: Instance): boolean {
  return action === 'OWN_ACTION' && actionOutcome === 'failed' && !gone;
}
