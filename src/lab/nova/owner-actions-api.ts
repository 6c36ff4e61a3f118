import type { Answer } from '../wire/call.ts';
import { resize } from '../model/cold-migration.ts';
import { offload, operate, ownerOperations } from '../model/server-operations.ts';
import type { Server, VmState } from '../model/types.ts';
import { type NovaContext, visibleServer } from './nova-context.ts';
import { badRequest, conflict } from './nova-error.ts';

export type ServerAction = (context: NovaContext, id: string, argument: unknown) => Answer;

const accepted: Answer = { status: 202 };

/** @throws NovaError 409 when the server is locked, or in a state or task in which the action cannot be done */
export function checkState(
  context: NovaContext,
  server: Server,
  action: string,
  states: readonly VmState[],
): void {
  if (server.locked && !context.admin) throw conflict(`Instance ${server.id} is locked`);
  const refuse = (where: string): never => {
    throw conflict(`Cannot '${action}' instance ${server.id} while it is in ${where}`);
  };
  if (!states.includes(server.vmState)) refuse(`vm_state ${server.vmState}`);
  if (server.taskState !== null) refuse(`task_state ${server.taskState}`);
}

/** The states in which Nova takes each operation on (`compute/api.py`, Nova 26). */
const allowedStates: Readonly<Record<keyof typeof ownerOperations, readonly VmState[]>> = {
  start: ['stopped'],
  stop: ['active', 'error'],
  pause: ['active'],
  unpause: ['paused'],
  suspend: ['active'],
  resume: ['suspended'],
  rebuild: ['active', 'stopped', 'error'],
  shelve: ['active', 'stopped', 'paused', 'suspended'],
};

function ownerAction(operation: keyof typeof ownerOperations): ServerAction {
  return (context, id) => {
    const server = visibleServer(context, id);
    checkState(context, server, operation, allowedStates[operation]);
    operate(context.cloud, server, ownerOperations[operation], context.by);
    return accepted;
  };
}

function shelveOffload(context: NovaContext, id: string): Answer {
  const server = visibleServer(context, id);
  checkState(context, server, 'shelveOffload', ['shelved']);
  offload(context.cloud, server, context.by);
  return accepted;
}

function resizeServer(context: NovaContext, id: string, argument: unknown): Answer {
  const server = visibleServer(context, id);
  const wanted = (argument as { flavorRef?: unknown } | null)?.flavorRef;
  const flavor = context.cloud.flavors.find((one) => one.id === wanted);
  if (flavor === undefined) throw badRequest(`Flavor ${String(wanted)} could not be found.`);
  if (flavor.id === server.flavor.id) throw badRequest('When resizing, instances must change flavor!');
  checkState(context, server, 'resize', ['active', 'stopped']);
  resize(context.cloud, server, flavor, context.by);
  return accepted;
}

/** What owners do with their servers, by the key in the body of POST /servers/{id}/action. */
export const ownerActions: Readonly<Record<string, ServerAction>> = {
  'os-start': ownerAction('start'),
  'os-stop': ownerAction('stop'),
  pause: ownerAction('pause'),
  unpause: ownerAction('unpause'),
  suspend: ownerAction('suspend'),
  resume: ownerAction('resume'),
  rebuild: ownerAction('rebuild'),
  shelve: ownerAction('shelve'),
  shelveOffload,
  resize: resizeServer,
};
