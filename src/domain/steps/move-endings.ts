/** What brings moves to their end: confirmations, and the word to the project that one of its instances was moved. */
import type { Command } from '../command.ts';
import { indexOf } from '../kept-index.ts';
import { rememberedFor } from '../remembered-for.ts';
import { recordsByInstance } from '../session-index.ts';
import { pendingCommands, visitCommands } from '../session-view.ts';
import type { Instance, Session } from '../session.ts';
import { unconfirmedMoves } from '../unfinished-moves.ts';
import { commands, done, fail, wait, type Step } from '../workflow.ts';
import { actionDoneNotice } from './ask.ts';
import { failureOf } from './move-failures.ts';

/** Confirms what earlier visits left unconfirmed: until then the host that it came from is not empty. */
export const settleMoves: Step = (session) => {
  const next = confirmations(session);
  if (next.length > 0) return commands(next);
  if (pendingCommands(session).some(({ command }) => command.kind === 'confirm_move')) return wait();
  const left = unconfirmedMoves(session).flatMap(({ instanceId }) => session.instances.get(instanceId) ?? []);
  return left.length === 0 ? done : fail(left.map((instance) => failureOf(session, instance)).join('; '));
};

/** What is to be confirmed. A confirmation that failed is not tried again in the same visit. */
export function confirmations(session: Session): readonly Command[] {
  return unconfirmedMoves(session)
    .filter(({ failed }) => failed?.visit !== session.visit.number)
    .map(({ instanceId, host }) => ({ kind: 'confirm_move', instanceId, host }));
}

/** Notices of finished moves that are still to be sent: one for each move, once (facts 4.2). */
export function finishedNotices(session: Session): readonly Command[] {
  return untoldInstances(session.instances)
    .filter(({ projectId }) => session.projects[projectId]?.subscribed !== false)
    .map(({ id, projectId }) => actionDoneNotice(projectId, id));
}

const untold = ({ untold: isUntold, gone }: Instance) => (isUntold === true && !gone ? 'untold' : undefined);

const untoldInstances = (instances: Session['instances']): readonly Instance[] =>
  indexOf(instances, () => instances.values(), untold).get('untold') ?? [];

/** Instances that are being moved, confirmed, or taken away by their owner just now. */
export const underWay: (session: Session) => ReadonlySet<string> = rememberedFor((session) => {
  const moving = pendingCommands(session).flatMap(({ command }) =>
    command.kind === 'move_instance' || command.kind === 'confirm_move' ? [command.instanceId] : [],
  );
  const departing = visitCommands(session, 'watch_departure')
    .filter(({ endedAt }) => endedAt === undefined)
    .flatMap(({ command }) => command.instanceIds);
  return new Set([...moving, ...departing]);
});

/** The moves of ours that are under way, by the host that they leave. */
export function movesUnderWay(session: Session): ReadonlyMap<string, number> {
  const counts = new Map<string, Set<string>>();
  const busy = underWay(session);
  const records = [...busy].flatMap((id) => recordsByInstance(session.commands).get(id) ?? []);
  for (const { command, visit } of records) {
    if (command.kind !== 'move_instance' || visit !== session.visit.number) continue;
    const leaving = counts.get(command.from) ?? new Set<string>();
    counts.set(command.from, leaving.add(command.instanceId));
  }
  return new Map([...counts].map(([host, ids]) => [host, ids.size]));
}
