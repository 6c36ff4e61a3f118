/** Steps of the workflow `vnf` about what the applications registered. */
import { budgetOf } from '../impact-budget.ts';
import { pendingCommands, visitCommands } from '../session-view.ts';
import type { Instance, Session } from '../session.ts';
import { commands, done, fail, wait, type Step } from '../workflow.ts';

/** Reads the constraints anew in every state that asks about instances: a change takes effect from here on. */
export const readConstraints: Step = (session) => {
  if (pendingCommands(session).some(({ command }) => command.kind === 'read_constraints')) return wait();
  const read = visitCommands(session, 'read_constraints').at(-1);
  if (read?.error !== undefined) return fail(`the constraints cannot be read: ${read.error.message}`);
  const ids = presentInstances(session).map(({ id }) => id);
  if (read !== undefined && ids.every((id) => read.command.instanceIds.includes(id))) return done;
  return ids.length === 0 ? done : commands([{ kind: 'read_constraints', instanceIds: ids }]);
};

/** Refuses limits under which an instance of the session's hosts could never be moved, before anything is touched. */
export const refuseImpossibleLimits: Step = (session) => {
  const hosts = new Set(session.hosts.map(({ name }) => name));
  const impossible = presentInstances(session)
    .filter(({ host }) => host !== undefined && hosts.has(host))
    .map((instance) => budgetOf(session, instance))
    .filter(({ slots }) => slots < 1)
    .map(({ name }) => name);
  if (impossible.length === 0) return done;
  return fail(
    `${[...new Set(impossible)].join(', ')} has max_impacted_members 0: none of its instances may ever be moved`,
  );
};

function presentInstances(session: Session): readonly Instance[] {
  return Object.values(session.instances).filter(
    ({ gone, projectId }) => !gone && session.projects[projectId] !== undefined,
  );
}
