/** What a reply means to questions about single instances, as the workflow `vnf` asks them (facts 2.9, 3.5, 8.3 question 13). */
import { offerEndsAt, registeredAction } from './agreed-action.ts';
import { withInstances } from './change-session.ts';
import type { InstanceAction } from './cloud.ts';
import type { ReplyEvent, TakenReply } from './reply.ts';
import type { Instance, Session } from './session.ts';

/**
 * The instances whose open question this reply answers: the one that it is for; sent to the project's address those that it
 * names, or the only one that is asked about.
 */
export function answeredInstances(session: Session, reply: ReplyEvent): readonly Instance[] {
  const { instanceId, instanceActions = {} } = reply;
  const asked = askedInstances(session, reply);
  if (instanceId !== undefined) return asked;
  if (Object.keys(instanceActions).length > 0) return asked.filter(({ id }) => id in instanceActions);
  return asked.length === 1 ? asked : [];
}

/** The project's instances with an open question that has these words; of a reply for one instance that one alone. */
function askedInstances(session: Session, { projectId, state, instanceId }: ReplyEvent): readonly Instance[] {
  const meant =
    instanceId === undefined ? [...session.instances.values()] : [session.instances.get(instanceId)];
  return meant
    .filter((instance) => instance !== undefined)
    .filter(
      ({ projectId: owner, question, gone }) =>
        owner === projectId &&
        !gone &&
        question !== undefined &&
        question.answer === undefined &&
        (state === `ACK_${question.state}` || state === `NACK_${question.state}`),
    );
}

/** Those of them for which neither the reply nor what was registered names an action. */
export function withoutAction(session: Session, reply: ReplyEvent): readonly string[] {
  return answeredInstances(session, reply)
    .filter((instance) => actionIn(reply, instance) === undefined)
    .filter((instance) => registeredAction(session, instance) === undefined)
    .map(({ id }) => id);
}

/** Those of them for which the reply names an own action that is not offered, or not any more: no slot of the group is held for that. */
export function actionsNotOffered(session: Session, reply: ReplyEvent, now: number): readonly string[] {
  return answeredInstances(session, reply)
    .filter((instance) => now >= (offerEndsAt(session, instance) ?? 0))
    .filter((instance) => (actionIn(reply, instance) ?? registeredAction(session, instance)) === 'OWN_ACTION')
    .map(({ id }) => id);
}

/** The session with the reply taken in. */
export function answerForInstances(session: Session, reply: TakenReply): Session {
  return withInstances(
    session,
    answeredInstances(session, reply).map((instance) => answered(instance, reply)),
  );
}

function answered(instance: Instance, reply: TakenReply): Instance {
  if (instance.question === undefined) return instance;
  const action = actionIn(reply, instance);
  const fallback = reply.fallbackActions?.[instance.id];
  const { deferredUntil: _deferred, ...question } = instance.question;
  const refused = reply.state.startsWith('NACK_');
  if (refused && reply.deferSeconds !== undefined) {
    const until = reply.at + reply.deferSeconds * 1000;
    return {
      ...instance,
      deferredSince: instance.deferredSince ?? reply.at,
      question: { ...question, deferredUntil: until },
    };
  }
  return {
    ...instance,
    question: {
      ...question,
      answer: refused ? 'NACK' : 'ACK',
      ...(reply.readyAt !== undefined && { readyAt: reply.readyAt }),
      ...(reply.reason !== undefined && { reason: reply.reason }),
      actions: action === undefined ? {} : { [instance.id]: action },
      ...(fallback !== undefined && { fallbacks: { [instance.id]: fallback } }),
    },
  };
}

function actionIn({ instanceActions }: ReplyEvent, { id }: Instance): InstanceAction | undefined {
  return instanceActions?.[id];
}
