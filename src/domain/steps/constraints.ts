/** Steps of the workflow `vnf` about what the applications registered. */
import { budgetOf } from '../group-limits.ts';
import { rememberedFor } from '../remembered-for.ts';
import { computes, isFinished, pendingCommands, visitCommands } from '../session-view.ts';
import type { Instance, Session } from '../session.ts';
import { commands, done, fail, wait, type Step } from '../workflow.ts';
import { passesOverProjects } from './ask.ts';
import { unlessFruitless } from './fruitless.ts';

/** A store that is away for a moment ends no session. */
const readAttempts = 6;
const readPauseMilliseconds = 10_000;

/**
 * Reads the constraints once in each visit, and those of instances that appear; what applications change later is told to
 * the session as it happens.
 */
export const readConstraints: Step = (session, { now }) => {
  if (pendingCommands(session).some(({ command }) => command.kind === 'read_constraints')) return wait();
  const reads = visitCommands(session, 'read_constraints');
  const last = reads.at(-1);
  if (last?.error !== undefined) {
    if (reads.filter(({ error }) => error !== undefined).length >= readAttempts)
      return fail(`the constraints cannot be read: ${last.error.message}`);
    const again = (last.endedAt ?? 0) + readPauseMilliseconds;
    if (now < again) return wait(again);
  }
  const dependsOn = [session.observedSequence, session.visit.number, reads.length];
  const unread = unlessFruitless(session, 'read constraints', dependsOn, () => {
    const read = readIn(session.commands, session.visit.number);
    return presentInstances(session)
      .map(({ id }) => id)
      .filter((id) => !read.has(id));
  });
  return unread.length === 0 ? done : commands([{ kind: 'read_constraints', instanceIds: unread }]);
};

const readIn = (commands: Session['commands'], visit: number) => idsRead(commands).get(visit) ?? new Set();

/** The instances whose constraints were read, by the visit. */
const idsRead: (commands: Session['commands']) => ReadonlyMap<number, ReadonlySet<string>> = rememberedFor(
  (commands) => {
    const ids = new Map<number, Set<string>>();
    for (const { command, visit, error, endedAt } of commands.values()) {
      if (command.kind !== 'read_constraints' || endedAt === undefined || error !== undefined) continue;
      const known = ids.get(visit) ?? new Set();
      command.instanceIds.forEach((id) => known.add(id));
      ids.set(visit, known);
    }
    return ids;
  },
);

/** Refuses instances about which nothing was registered, where the deployment wants it so: by name, before anything is touched. */
export const refuseMissingConstraints: Step = (session, { settings }) => {
  if (settings.missingConstraints !== 'refuse') return done;
  const missing = presentInstances(session).filter(
    ({ id, host, projectId }) =>
      isToBeEmptied(session, host) &&
      session.projects[projectId]?.subscribed !== false &&
      session.constraints?.instances[id] === undefined,
  );
  if (missing.length === 0) return done;
  const names = missing.map(({ name, id, projectId }) => `${name} (${id}) of project ${projectId}`);
  return fail(
    `no constraints are registered for ${names.join(', ')}: ` +
      'register them, or set the option workflow.missing_constraints to careful',
  );
};

function isToBeEmptied(session: Session, name: string | undefined): boolean {
  return computes(session).some((host) => host.name === name && !isFinished(host));
}

/**
 * Refuses limits under which an instance could never be moved, before anything is touched. Where one is lowered to nothing
 * later, its instances wait until it is raised again, or nothing else is left to do.
 */
export const refuseImpossibleLimits: Step = (session) => {
  if (passesOverProjects(session)) return done;
  const impossible = impossibleLimits(
    session,
    presentInstances(session).filter(({ host }) => isToBeEmptied(session, host)),
  );
  return impossible.length === 0 ? done : fail(impossible.join('; '));
};

/** The limits of these instances under which none can ever be moved, in words. */
export function impossibleLimits(session: Session, instances: readonly Instance[]): readonly string[] {
  const impossible = instances
    .map((instance) => budgetOf(session, instance))
    .filter(({ slots }) => slots < 1)
    .map(({ name }) => `${name} has max_impacted_members 0: none of its instances may ever be moved`);
  return [...new Set(impossible)];
}

function presentInstances(session: Session): readonly Instance[] {
  return [...session.instances.values()].filter(
    ({ gone, projectId }) => !gone && session.projects[projectId] !== undefined,
  );
}
