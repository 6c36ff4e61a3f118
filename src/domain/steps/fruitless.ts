/** Questions that had no fruit are not asked again before what they depend on has changed. */
import { areSame } from '../remembered-for.ts';
import type { Session, SessionRequest } from '../session.ts';

/** By session (its request is the same object all along) and question: what it depended on when it had no fruit. */
const fruitless = new WeakMap<SessionRequest, Map<string, readonly unknown[]>>();

/** The answers; none, unasked, where there were none the last time and nothing that they depend on has changed since. */
export function unlessFruitless<T>(
  { request }: Session,
  question: string,
  dependsOn: readonly unknown[],
  ask: () => readonly T[],
): readonly T[] {
  const known = fruitless.get(request) ?? new Map<string, readonly unknown[]>();
  const last = known.get(question);
  if (last !== undefined && areSame(last, dependsOn)) return [];
  const answers = ask();
  if (answers.length === 0) fruitless.set(request, known.set(question, dependsOn));
  return answers;
}
