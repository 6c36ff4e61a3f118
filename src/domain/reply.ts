/** What a project's reply means to the question that is open (facts 1.4, 2.8, 2.9 and 8.3, questions 9, 12 and 13). */
import type { InstanceAction, MoveAction } from './cloud.ts';
import { answerForInstances, answeredInstances, withoutAction } from './reply-for-instances.ts';
import { hostInstances } from './session-view.ts';
import type { Session } from './session.ts';

/** A reply as the journal holds it. */
export interface ReplyEvent {
  readonly projectId: string;
  readonly state: string;
  readonly instanceActions?: Readonly<Record<string, InstanceAction>>;
  readonly instanceId?: string;
  readonly fallbackActions?: Readonly<Record<string, MoveAction>>;
  readonly readyAt?: number;
  readonly deferSeconds?: number;
  readonly reason?: string;
}

/** A reply that was journalled, at this time. */
export type TakenReply = ReplyEvent & { readonly at: number };

/** Does the reply answer what its project is being asked? One that comes late, twice or unasked does not. */
export function replyCounts(session: Session, reply: ReplyEvent): boolean {
  if (session.deletedAt !== undefined || session.endedAt !== undefined) return false;
  if (answeredInstances(session, reply).length > 0) return true;
  const question = session.projects[reply.projectId]?.question;
  return (
    question !== undefined &&
    question.answer === undefined &&
    (reply.state === `ACK_${question.state}` || reply.state === `NACK_${question.state}`) &&
    !isAboutOtherInstances(session, reply)
  );
}

/** A repeat of the reply for the host before has the same words, but names none of the instances of this one. */
function isAboutOtherInstances(session: Session, { projectId, instanceActions }: ReplyEvent): boolean {
  const named = Object.keys(instanceActions ?? {});
  const inQuestion = new Set(instancesInQuestion(session, projectId));
  return named.length > 0 && inQuestion.size > 0 && !named.some((id) => inQuestion.has(id));
}

/** The instances for which an ACK has to name an action: those of the project on the host that is being emptied. */
export function instancesInQuestion(session: Session, projectId: string): readonly string[] {
  const { host } = session.visit;
  if (host === undefined) return [];
  return hostInstances(session, host)
    .filter((instance) => instance.projectId === projectId)
    .map((instance) => instance.id);
}

/** The instances in question for which neither this reply nor an earlier one names an action. */
export function unansweredInstances(session: Session, reply: ReplyEvent): readonly string[] {
  if (answeredInstances(session, reply).length > 0) return withoutAction(session, reply);
  const actions = knownActions(session, reply);
  return instancesInQuestion(session, reply.projectId).filter((id) => actions[id] === undefined);
}

/**
 * The session with a counting reply taken in. A reply for one instance answers the question once every instance in
 * question has its action; a NACK answers it at once.
 */
export function answerQuestion(session: Session, reply: TakenReply): Session {
  if (answeredInstances(session, reply).length > 0) return answerForInstances(session, reply);
  const project = session.projects[reply.projectId];
  if (project?.question === undefined) return session;
  const actions = knownActions(session, reply);
  const nack = reply.state.startsWith('NACK_');
  const complete = reply.instanceId === undefined || unansweredInstances(session, reply).length === 0;
  const question = {
    ...project.question,
    actions,
    ...(reply.fallbackActions !== undefined && {
      fallbacks: { ...project.question.fallbacks, ...reply.fallbackActions },
    }),
    ...(nack ? { answer: 'NACK' as const } : complete && { answer: 'ACK' as const }),
  };
  return { ...session, projects: { ...session.projects, [project.id]: { ...project, question } } };
}

function knownActions(session: Session, reply: ReplyEvent): Record<string, InstanceAction> {
  return { ...session.projects[reply.projectId]?.question?.actions, ...reply.instanceActions };
}
