/**
 * Applications that were to act by themselves, did not in time, and may do so yet (workflow `vnf`; issue 4 part 3). Nobody waits
 * for them, and no slot is held for them: what they did is looked at before others of their group have their turn.
 */
import { isOverdue } from '../agreed-action.ts';
import type { Command } from '../command.ts';
import { budgetOf } from '../group-limits.ts';
import { commandsOf } from '../session-view.ts';
import type { Session } from '../session.ts';
import type { World } from '../workflow.ts';

/** For how long the cloud is taken to be as it was seen. Milliseconds. */
const freshMilliseconds = 5_000;

/** Does the command take a slot of a group of which a member may have gone since the cloud was looked at? */
export function isUnsure(session: Session, command: Command, { now }: World): boolean {
  const id = impacted(command);
  const instance = id === undefined ? undefined : session.instances.get(id);
  if (instance === undefined) return false;
  return budgetOf(session, instance).members.some(isOverdue) && now > seenUntil(session);
}

/** Whose slot is taken by the command; an application that may act by itself takes it when it is told. */
function impacted(command: Command): string | undefined {
  if (command.kind === 'move_instance') return command.instanceId;
  const isOffer = command.kind === 'notify_project' && command.allowedActions.includes('OWN_ACTION');
  return isOffer ? command.replyInstanceId : undefined;
}

function seenUntil(session: Session): number {
  const look = commandsOf(session, 'observe_cloud').findLast(({ result }) => result !== undefined);
  return (look?.endedAt ?? 0) + freshMilliseconds;
}
