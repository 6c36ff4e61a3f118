/** Steps of the workflow `vnf` about what the applications registered. */
import { budgetOf } from '../impact-budget.ts';
import { computes, pendingCommands, visitCommands } from '../session-view.ts';
import type { Instance, Session } from '../session.ts';
import { commands, done, fail, wait, type Step } from '../workflow.ts';

/** A store that is away for a moment ends no session. */
const readAttempts = 6;
const readPauseMilliseconds = 10_000;

/** Reads the constraints anew in every state that asks about instances: a change takes effect from here on. */
export const readConstraints: Step = (session, { now }) => {
  if (pendingCommands(session).some(({ command }) => command.kind === 'read_constraints')) return wait();
  const ids = presentInstances(session).map(({ id }) => id);
  if (ids.length === 0) return done;
  const reads = visitCommands(session, 'read_constraints');
  const last = reads.at(-1);
  if (last?.error !== undefined) {
    if (reads.filter(({ error }) => error !== undefined).length >= readAttempts)
      return fail(`the constraints cannot be read: ${last.error.message}`);
    const again = (last.endedAt ?? 0) + readPauseMilliseconds;
    if (now < again) return wait(again);
  } else if (last !== undefined && ids.every((id) => last.command.instanceIds.includes(id))) {
    return done;
  }
  return commands([{ kind: 'read_constraints', instanceIds: ids }]);
};

/**
 * Refuses limits under which an instance could never be moved: before anything is touched, and where they are changed while
 * it is still to be moved.
 */
export const refuseImpossibleLimits: Step = (session) => {
  const toBeEmptied = new Set(
    computes(session)
      .filter(({ progress }) => progress === 'waiting')
      .map(({ name }) => name),
  );
  const impossible = presentInstances(session)
    .filter(({ host }) => host !== undefined && toBeEmptied.has(host))
    .map((instance) => budgetOf(session, instance))
    .filter(({ slots }) => slots < 1)
    .map(({ name }) => `${name} has max_impacted_members 0: none of its instances may ever be moved`);
  return impossible.length === 0 ? done : fail([...new Set(impossible)].join('; '));
};

function presentInstances(session: Session): readonly Instance[] {
  return Object.values(session.instances).filter(
    ({ gone, projectId }) => !gone && session.projects[projectId] !== undefined,
  );
}
