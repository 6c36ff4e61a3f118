/** What a reply means to questions about single instances, as the workflow `vnf` asks them (facts 2.9, 3.5, 8.3 question 13). */
import { registeredAction } from './agreed-action.ts';
import type { InstanceAction } from './cloud.ts';
import { mapValues } from './change-session.ts';
import type { ReplyEvent } from './reply.ts';
import type { Instance, Session } from './session.ts';

/**
 * The instances whose open question this reply answers: the one that it is for; sent to the project's address those that it
 * names, or the only one that is asked about.
 */
export function answeredInstances(session: Session, reply: ReplyEvent): readonly Instance[] {
  const { instanceId, instanceActions = {} } = reply;
  const asked = askedInstances(session, reply);
  if (instanceId !== undefined) return asked.filter(({ id }) => id === instanceId);
  if (Object.keys(instanceActions).length > 0) return asked.filter(({ id }) => id in instanceActions);
  return asked.length === 1 ? asked : [];
}

/** The project's instances with an open question that has these words. */
function askedInstances(session: Session, { projectId, state }: ReplyEvent): readonly Instance[] {
  return Object.values(session.instances).filter(
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

/** The session with the reply taken in. */
export function answerForInstances(session: Session, reply: ReplyEvent): Session {
  const ids = new Set(answeredInstances(session, reply).map(({ id }) => id));
  return {
    ...session,
    instances: mapValues(session.instances, (instance) =>
      ids.has(instance.id) ? answered(instance, reply) : instance,
    ),
  };
}

function answered(instance: Instance, reply: ReplyEvent): Instance {
  if (instance.question === undefined) return instance;
  const action = actionIn(reply, instance);
  const fallback = reply.fallbackActions?.[instance.id];
  return {
    ...instance,
    question: {
      ...instance.question,
      answer: reply.state.startsWith('NACK_') ? 'NACK' : 'ACK',
      actions: action === undefined ? {} : { [instance.id]: action },
      ...(fallback !== undefined && { fallbacks: { [instance.id]: fallback } }),
    },
  };
}

function actionIn({ instanceActions }: ReplyEvent, { id }: Instance): InstanceAction | undefined {
  return instanceActions?.[id];
}
