/** Instances that are being moved or confirmed just now, or wait for that, and where they go. */
import { rememberedFor } from './remembered-for.ts';
import { pendingCommands } from './session-view.ts';
import type { Host, Session } from './session.ts';
import { unconfirmedMoves } from './unfinished-moves.ts';

/** By instance id; the name of the target, undefined where the cloud chooses it. */
export const movingInstances: (session: Session) => ReadonlyMap<string, string | undefined> = rememberedFor(
  (session) => {
    const moving = new Map<string, string | undefined>();
    for (const { command } of pendingCommands(session)) {
      if (command.kind === 'move_instance') moving.set(command.instanceId, command.target);
      if (command.kind === 'confirm_move') moving.set(command.instanceId, command.host);
    }
    for (const { instanceId, host } of unconfirmedMoves(session)) moving.set(instanceId, host);
    return moving;
  },
);

/** Is an instance on its way to the host, or a place on it reserved for one? */
export function isTarget(session: Session, { name }: Host): boolean {
  return targetNames(session).has(name);
}

const targetNames: (session: Session) => ReadonlySet<string | undefined> = rememberedFor((session) => {
  const names = new Set(movingInstances(session).values());
  for (const [id, target] of reservedTargets(session.hosts))
    if (session.instances.get(id)?.host !== target) names.add(target);
  return names;
});

/** The places that are reserved, or were and have been taken: by instance id the name of the host. */
export const reservedTargets: (hosts: Session['hosts']) => ReadonlyMap<string, string> = rememberedFor(
  (hosts) => new Map(hosts.flatMap(({ reservations }) => Object.entries(reservations ?? {}))),
);
