/** The step of the workflow `vnf` that asks about every instance by itself, and moves each as its reply comes (facts 3.5). */
import type { NotifyProject } from '../command.ts';
import { instanceActions } from '../cloud.ts';
import { hostInstances } from '../session-view.ts';
import type { Instance, Session } from '../session.ts';
import { act, commands, done, fail, wait, type Step, type StepResult, type World } from '../workflow.ts';
import { moveInstances } from './move.ts';

type AboutHost = 'PREPARE_MAINTENANCE' | 'PLANNED_MAINTENANCE';

/** Empties the chosen host: asks, and moves whatever may be moved, side by side. */
export function emptyHost(state: AboutHost): Step {
  const ask = askInstances(state);
  return (session, world) => both(ask(session, world), moveInstances(session, world));
}

function both(asking: StepResult, moving: StepResult): StepResult {
  for (const result of [asking, moving]) if (result.kind === 'fail') return result;
  const decided = [asking, moving].flatMap((result) => (result.kind === 'act' ? result.decided : []));
  if (decided.length > 0) return act(...decided);
  const waits = [asking, moving].filter((result) => result.kind === 'wait');
  if (waits.length === 0) return done;
  const times = waits.flatMap(({ until }) => until ?? []);
  return times.length === 0 ? wait() : wait(Math.min(...times));
}

/** Tells the projects about each instance on the host, and waits until all are acknowledged. */
function askInstances(state: AboutHost): Step {
  return (session, world) => {
    const { host } = session.visit;
    const asked =
      host === undefined ? [] : hostInstances(session, host).filter((one) => isAsked(session, one));
    const refused = asked.filter(({ question }) => question?.answer === 'NACK');
    if (refused.length > 0) return fail(refused.map((one) => `${whose(one)} refused ${state}`).join('; '));
    const open = asked.filter(({ question }) => question?.answer === undefined);
    const untellable = open.flatMap((one) => {
      const error = one.question && session.commands.get(one.question.commandId)?.error;
      return error === undefined ? [] : [`${whose(one)} could not be told ${state}: ${error.message}`];
    });
    if (untellable.length > 0) return fail(untellable.join('; '));
    const due = open.filter((one) => deadline(session, one, state, world) <= world.now);
    const silent = due.filter(({ question }) => (question?.sends ?? 0) >= world.settings.sends);
    if (silent.length > 0) {
      return fail(silent.map((one) => `${whose(one)} did not reply to ${state} in time`).join('; '));
    }
    if (due.length > 0) return commands(due.map((one) => notice(session, one, state, world)));
    if (open.length === 0) return done;
    const next = Math.min(...open.map((one) => deadline(session, one, state, world)));
    return Number.isFinite(next) ? wait(next) : wait();
  };
}

/** One that is under way, or was moved, is not asked about again; nor are those of projects that do not listen. */
function isAsked({ projects }: Session, { projectId, actionOutcome, attempts }: Instance): boolean {
  return projects[projectId]?.subscribed !== false && !(attempts > 0 && actionOutcome === 'running');
}

/** 0 while none was sent, never while the newest is on its way. */
function deadline(session: Session, instance: Instance, state: AboutHost, world: World): number {
  const { question } = instance;
  if (question?.state !== state) return 0;
  if (question.deliveredAt === undefined) return Infinity;
  return question.deliveredAt + windowOf(session, instance, state, world);
}

/** The time that the application says it needs; where it does not, the window of the configuration. Milliseconds. */
function windowOf(session: Session, { id }: Instance, state: AboutHost, { settings }: World): number {
  const lead = session.constraints?.instances[id]?.leadSeconds ?? 0;
  return (lead > 0 ? lead : settings.replySeconds[state]) * 1000;
}

function notice(session: Session, instance: Instance, state: AboutHost, world: World): NotifyProject {
  const replyAt = world.now + windowOf(session, instance, state, world);
  return {
    kind: 'notify_project',
    projectId: instance.projectId,
    state,
    instanceIds: [instance.id],
    replyInstanceId: instance.id,
    allowedActions: instanceActions,
    actionsAt: replyAt,
    replyAt,
    metadata: session.request.metadata,
  };
}

const whose = ({ id, name, projectId }: Instance) => `project ${projectId}, for instance ${name} (${id}),`;
