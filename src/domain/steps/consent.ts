/** Has the project of an instance agreed to its being moved (workflow `vnf`; facts 3.5, issue 4 part 3)? */
import { groupOf } from '../group-limits.ts';
import { rememberedFor } from '../remembered-for.ts';
import type { Instance, OpenQuestion, Session } from '../session.ts';
import type { World } from '../workflow.ts';

/** What is to be said of an instance; times are milliseconds since 1970. */
export type Consent =
  | { readonly kind: 'given' }
  /** Nobody was asked yet, or somebody is to be asked again. */
  | { readonly kind: 'to_ask' }
  /** The answer is awaited until then; asked when the newest notice was handed over. */
  | { readonly kind: 'asked'; readonly since: number; readonly until: number }
  /** Agreed to, or to be asked again, from then on. */
  | { readonly kind: 'later'; readonly at: number }
  /** It will not be. For people. */
  | { readonly kind: 'refused'; readonly reason: string };

const given: Consent = { kind: 'given' };
const toAsk: Consent = { kind: 'to_ask' };

export function consentOf(session: Session, instance: Instance, world: World): Consent {
  const project = session.projects[instance.projectId];
  const policy = session.request.failurePolicy ?? 'fail';
  if (project?.subscribed === false) return given;
  if (project?.unwilling !== undefined && (policy === 'skip' || project.unwilling.startsWith('refused')))
    return refused(`project ${instance.projectId} ${project.unwilling}`);
  const { question } = instance;
  if (question === undefined) return toAsk;
  const { state, answer, readyAt = 0, reason } = question;
  if (answer === 'ACK') return readyAt > world.now ? { kind: 'later', at: readyAt } : given;
  if (answer === 'NACK')
    return refused(`${whose(instance)} refused ${state}${reason === undefined ? '' : `: ${reason}`}`);
  if (question.deferredUntil !== undefined) return deferral(instance, question, world);
  const error = session.commands.get(question.commandId)?.error;
  if (error !== undefined) return refused(`${whose(instance)} could not be told ${state}: ${error.message}`);
  return awaited(session, instance, question, world);
}

/** Is there a project that the session goes on without? */
export const isAnyUnwilling: (projects: Session['projects']) => boolean = rememberedFor((projects) =>
  Object.values(projects).some(({ unwilling }) => unwilling !== undefined),
);

/** An application may put its answer off, but not for ever: then it is asked once more, and has to say yes or no. */
function deferral(instance: Instance, question: OpenQuestion, { now, settings }: World): Consent {
  const { deferredUntil = now, deliveredAt = now } = question;
  const last = (instance.deferredSince ?? now) + settings.maxDeferSeconds * 1000;
  if (deliveredAt >= last) {
    return refused(
      `${whose(instance)} put ${question.state} off for more than ${settings.maxDeferSeconds} s`,
    );
  }
  const at = Math.min(deferredUntil, last);
  return now < at ? { kind: 'later', at } : toAsk;
}

function awaited(session: Session, instance: Instance, question: OpenQuestion, world: World): Consent {
  const { state, deliveredAt, sends, askedAt } = question;
  if (deliveredAt === undefined) return { kind: 'asked', since: world.now, until: Infinity };
  const until = deliveredAt + replyWindow(session, instance, state, world);
  if (world.now < until) return { kind: 'asked', since: deliveredAt, until };
  if (sends < world.settings.sends) return toAsk;
  if (session.request.failurePolicy !== 'force')
    return refused(`${whose(instance)} did not reply to ${state} in time`);
  // Without a reply nothing of the time that it needs is given away.
  const at = (askedAt ?? deliveredAt) + leadSeconds(session, instance) * 1000;
  return world.now < at ? { kind: 'later', at } : given;
}

/** The time that the application says it needs; where it does not, the window of the configuration. Milliseconds. */
export function replyWindow(
  session: Session,
  instance: Instance,
  state: OpenQuestion['state'],
  { settings }: World,
): number {
  const lead = leadSeconds(session, instance);
  const configured = state === 'INSTANCE_ACTION_DONE' ? 0 : settings.replySeconds[state];
  return (lead > 0 ? lead : configured) * 1000;
}

/** ETSI `impact_notification_lead_time` of the instance and of its group: the longer one. Seconds. */
export function leadSeconds(session: Session, { id }: Instance): number {
  return Math.max(
    session.constraints?.instances[id]?.leadSeconds ?? 0,
    groupOf(session, id)?.leadSeconds ?? 0,
  );
}

function refused(reason: string): Consent {
  return { kind: 'refused', reason };
}

const whose = ({ id, name, projectId }: Instance) => `project ${projectId}, for instance ${name} (${id}),`;
