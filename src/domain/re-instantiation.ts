/** Instances that took the place of others: rebuilt by their application under the same name, with a new id. */
import { mapValues, updateInstance } from './change-session.ts';
import type { Instance, OpenQuestion, Session } from './session.ts';

/**
 * What was decided for an instance holds for the one of the same name and project that took its place (facts 3.4).
 * @param before the session before a look
 * @param after the same after it
 */
export function inheritActions(before: Session, after: Session): Session {
  const left = [...after.instances.values()].filter(({ gone }) => gone);
  return [...after.instances.values()]
    .filter(({ id }) => before.instances.get(id) === undefined)
    .reduce((session, newcomer) => {
      const index = left.findLastIndex(
        ({ name, projectId }) => name === newcomer.name && projectId === newcomer.projectId,
      );
      const [predecessor] = index === -1 ? [] : left.splice(index, 1);
      return predecessor === undefined ? session : inherit(session, newcomer.id, predecessor);
    }, after);
}

function inherit(session: Session, id: string, predecessor: Instance): Session {
  const { action, actionOutcome, actionError, operationEndedAt, question } = predecessor;
  // Its own action was to take the old one away, and that is done. A move of the old one says nothing of this one.
  const outcome =
    actionOutcome === 'running' ? (action === 'OWN_ACTION' ? 'done' : undefined) : actionOutcome;
  const next = updateInstance(session, id, (instance) => ({
    ...instance,
    ...(action !== undefined && { action }),
    ...(outcome !== undefined && { actionOutcome: outcome }),
    ...(actionError !== undefined && { actionError }),
    ...(operationEndedAt !== undefined && { operationEndedAt }),
    ...(question !== undefined && { question: renamed(question, predecessor.id, id) }),
  }));
  return {
    ...next,
    projects: mapValues(next.projects, (project) =>
      project.id === predecessor.projectId && project.question !== undefined
        ? { ...project, question: renamed(project.question, predecessor.id, id) }
        : project,
    ),
  };
}

function renamed(question: OpenQuestion, from: string, to: string): OpenQuestion {
  const { actions, fallbacks } = question;
  return {
    ...question,
    actions: withCopy(actions, from, to),
    ...(fallbacks !== undefined && { fallbacks: withCopy(fallbacks, from, to) }),
  };
}

function withCopy<T>(
  values: Readonly<Record<string, T>>,
  from: string,
  to: string,
): Readonly<Record<string, T>> {
  const value = values[from];
  return value === undefined || values[to] !== undefined ? values : { ...values, [to]: value };
}
