/** Steps that tell projects what is coming and wait for their replies. */
import type { InstanceAction } from '../cloud.ts';
import type { Command, NotifyProject, ProjectNoticeState } from '../command.ts';
import { pythonStr } from '../python-repr.ts';
import { hostInstances, pendingCommands, percentDone, visitCommands } from '../session-view.ts';
import type { Project, Session } from '../session.ts';
import { canPrepare, canStart } from '../workflow-conditions.ts';
import { commands, done, fail, wait, type Step, type World } from '../workflow.ts';

type Asked = Exclude<ProjectNoticeState, 'INSTANCE_ACTION_DONE'>;

const allActions: readonly InstanceAction[] = ['MIGRATE', 'LIVE_MIGRATE', 'OWN_ACTION'];

/** All projects that have, or had, instances on the session's hosts. */
const everyProject = (session: Session): readonly Project[] => Object.values(session.projects);

/** The projects with instances on the host that is being emptied. */
const projectsOnHost = (session: Session): readonly Project[] => {
  const { host } = session.visit;
  const ids = new Set(
    host === undefined ? [] : hostInstances(session, host).map(({ projectId }) => projectId),
  );
  return everyProject(session).filter(({ id }) => ids.has(id));
};

const whoIsAsked: Readonly<Record<Asked, (session: Session) => readonly Project[]>> = {
  MAINTENANCE: everyProject,
  SCALE_IN: everyProject,
  PREPARE_MAINTENANCE: projectsOnHost,
  PLANNED_MAINTENANCE: projectsOnHost,
  MAINTENANCE_COMPLETE: everyProject,
};

/**
 * Refuses a start that lies further back than a reply window (facts 8.3, question 6). Not when the session is continued:
 * that its start is over is no fault of whoever continues it.
 */
export const refusePastStart: Step = (session, { settings }) => {
  if (session.visit.number > 1) return done;
  const late = session.createdAt - session.request.maintenanceAt;
  return late > settings.replySeconds.MAINTENANCE * 1000
    ? fail(
        `maintenance_at lies ${Math.round(late / 1000)} s before the creation of the session; ` +
          `at most ${settings.replySeconds.MAINTENANCE} s (the reply window) are accepted`,
      )
    : done;
};

/** Tells whoever follows the session as a whole that there is one. Every later state tells of itself (`decide.ts`). */
export const announceSession: Step = (session) =>
  visitCommands(session, 'notify_session').length > 0
    ? done
    : commands([{ kind: 'notify_session', state: session.state, percentDone: percentDone(session) }]);

/** Waits until the maintenance is to begin. */
export const waitForStart: Step = (session, { now }) =>
  now >= session.request.maintenanceAt ? done : wait(session.request.maintenanceAt);

/** Finds out which projects listen to our alarms. What becomes of the others is an option (facts 8.3, question 7). */
export const checkSubscriptions: Step = (session, { settings }) => {
  const unknown = everyProject(session).filter(({ subscribed }) => subscribed === undefined);
  if (unknown.length > 0) {
    const checks = [...session.commands.values()].filter(
      ({ command }) => command.kind === 'check_subscriptions',
    );
    if (checks.some(({ endedAt }) => endedAt === undefined)) return wait();
    const failed = checks.find(({ error }) => error !== undefined);
    if (failed?.error) return fail(`the alarms of the projects cannot be read: ${failed.error.message}`);
    return commands([{ kind: 'check_subscriptions', projectIds: unknown.map(({ id }) => id) }]);
  }
  const deaf = everyProject(session).filter(({ subscribed }) => subscribed === false);
  if (deaf.length === 0 || settings.unsubscribedProjects !== 'fail') return done;
  return fail(
    `no alarm for maintenance.scheduled in ${deaf.map(({ id }) => `project ${id}`).join(', ')}: ` +
      'create one, or set the option workflow.unsubscribed_projects',
  );
};

/** Tells the projects that a state concerns, and waits until all have acknowledged. */
export function ask(state: Asked): Step {
  return (session, world) => {
    const projects = whoIsAsked[state](session).filter(({ subscribed }) => subscribed !== false);
    const passesOver = passesOverProjects(session);
    const refused = projects.filter(({ question }) => question?.answer === 'NACK');
    if (refused.length > 0 && !passesOver) return fail(`${names(refused)} refused ${state}`);

    const isTooLate = world.now >= lastCall(session, state, world);
    const untold = projects.filter(({ question }) => question?.state !== state);
    const missed = isTooLate ? untold.filter(({ hasJoined }) => hasJoined !== true) : [];
    if (missed.length > 0) return fail(`no time was left before maintenance_at to tell ${names(missed)}`);
    const unanswered = projects.filter(
      // Who joined too late is asked about its instances alone.
      (project) => project.question?.answer === undefined && !(isTooLate && untold.includes(project)),
    );
    const untellable = unanswered.flatMap(({ id, question }) => {
      const error = question && session.commands.get(question.commandId)?.error;
      return error === undefined ? [] : [`project ${id} could not be told ${state}: ${error.message}`];
    });
    if (untellable.length > 0 && !passesOver) return fail(untellable.join('; '));
    const late = unanswered.filter((project) => replyDeadline(session, project, state, world) <= world.now);
    const silent = late.filter((project) => !maySend(session, project, state, world));
    if (silent.length > 0 && !passesOver) return fail(`${names(silent)} did not reply to ${state} in time`);
    const open = unanswered.filter(
      (project) =>
        !silent.includes(project) &&
        (project.question && session.commands.get(project.question.commandId)?.error) === undefined,
    );
    const due = late.filter((project) => open.includes(project));
    if (due.length > 0) return commands(due.map(({ id }) => notice(session, id, state, world)));
    if (open.length === 0) return done;
    const next = Math.min(...open.map((project) => replyDeadline(session, project, state, world)));
    return Number.isFinite(next) ? wait(next) : wait();
  };
}

/**
 * Asks every project to scale in. When a session is continued only where that is still needed: the room may have been
 * made since, and whoever is asked once more gives up more (facts 3.8).
 */
export const askToScaleIn: Step = (session, world) => {
  const asked = everyProject(session).some(({ question }) => question?.state === 'SCALE_IN');
  const continued = session.previousState === 'MAINTENANCE_FAILED';
  return continued && !asked && (canStart(session) || canPrepare(session))
    ? done
    : ask('SCALE_IN')(session, world);
};

/** Do projects that refuse or are silent cost only their own hosts (issue 4, failure policy)? */
export function passesOverProjects({ request }: Session): boolean {
  return (request.failurePolicy ?? 'fail') !== 'fail';
}

function names(projects: readonly Project[]): string {
  return projects.map(({ id }) => `project ${id}`).join(', ');
}

/**
 * When the newest notice to a project is overdue: 0 if none was sent, never while it is still on its way. The window
 * runs from the moment it could not be lost any more, so a broker that is away costs nobody its time to reply.
 */
function replyDeadline(session: Session, { question }: Project, state: Asked, world: World): number {
  if (question?.state !== state) return 0;
  if (question.deliveredAt === undefined) return Infinity;
  return Math.min(
    question.deliveredAt + world.settings.replySeconds[state] * 1000,
    lastCall(session, state, world),
  );
}

/** The first notice always goes out; reminders only so many, and none once the maintenance was to begin. */
function maySend(session: Session, { question }: Project, state: Asked, world: World): boolean {
  const sends = question?.state === state ? question.sends : 0;
  if (sends === 0) return true;
  const most = state === 'SCALE_IN' || state === 'MAINTENANCE_COMPLETE' ? 1 : world.settings.sends;
  return sends < most && world.now < lastCall(session, state, world);
}

/**
 * The moment after which nobody is waited for in MAINTENANCE: its start. For a start that already lay in the past when
 * the session was created, continued or resumed, or that a clock which was set jumped over: one reply window after that
 * (facts 8.3, question 6). The other states know none.
 */
function lastCall(session: Session, state: Asked, { settings }: World): number {
  if (state !== 'MAINTENANCE') return Infinity;
  const { maintenanceAt } = session.request;
  const begun = Math.max(session.visit.enteredAt, session.clockSetAt ?? 0, session.resumedAt ?? 0);
  return maintenanceAt > begun ? maintenanceAt : begun + settings.replySeconds[state] * 1000;
}

function notice(session: Session, projectId: string, state: Asked, world: World): NotifyProject {
  const replyAt = Math.min(
    world.now + world.settings.replySeconds[state] * 1000,
    lastCall(session, state, world),
  );
  const aboutHost = state === 'PREPARE_MAINTENANCE' || state === 'PLANNED_MAINTENANCE';
  return {
    kind: 'notify_project',
    projectId,
    state,
    allowedActions: aboutHost ? allActions : [],
    actionsAt: state === 'MAINTENANCE' ? session.request.maintenanceAt : replyAt,
    replyAt,
    metadata: { ...session.request.metadata, ...(state === 'SCALE_IN' && scaleInHints(session, projectId)) },
  };
}

/** Ceilometer cuts the text of a trait off here, and what is cut off cannot be read (facts 4.3). */
const traitLength = 255;

/**
 * What the plan says would be enough: a hint, for which instances go is the application's choice (facts 3.5). Those that help most
 * come first, as many as arrive whole beside what the admin passes on.
 */
function scaleInHints(
  { latestPlan, request }: Session,
  projectId: string,
): Readonly<Record<string, unknown>> {
  const need = latestPlan?.plan.scaleIn.find((one) => one.projectId === projectId);
  if (need === undefined) return {};
  const fits = (hints: Readonly<Record<string, unknown>>) =>
    pythonStr({ ...request.metadata, ...hints }).length <= traitLength;
  const amount = { scale_in_instances: need.instances };
  const helpful = [...need.helpfulInstanceIds];
  while (helpful.length > 0 && !fits({ ...amount, scale_in_helpful: helpful })) helpful.pop();
  if (helpful.length > 0) return { ...amount, scale_in_helpful: helpful };
  return fits(amount) ? amount : {};
}

/** Notices of finished moves that are still to be sent: one for each instance, once (facts 4.2). */
export function actionDoneNotice(projectId: string, instanceId: string): Command {
  return {
    kind: 'notify_project',
    projectId,
    state: 'INSTANCE_ACTION_DONE',
    instanceIds: [instanceId],
    allowedActions: [],
    actionsAt: null,
    replyAt: null,
    metadata: {},
  };
}

/** Is a notice to the infrastructure about this host still on its way? */
export function hostNoticePending(session: Session, host: string): boolean {
  return pendingCommands(session).some(
    ({ command }) => command.kind === 'notify_host' && command.host === host,
  );
}
