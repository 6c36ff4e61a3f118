/** What a rehearsal asks of the world, answered from an inventory. Whatever would change something is refused. */
import type { Constraint, ConstraintKind } from '../domain/constraint.ts';
import { plannerInProcess } from '../engine/planner-in-process.ts';
import { CloudError, type Clock, type Cloud, type ConstraintStore, type Notifier } from '../engine/ports.ts';
import type { PlanStore } from '../engine/plan-ports.ts';
import type { CommandDeps } from '../engine/run-command.ts';
import type { Inventory } from './inventory.ts';
import { rowsById } from './rows-by-id.ts';

export function portsOver(inventory: Inventory): CommandDeps {
  return {
    cloud: cloudOver(inventory),
    constraints: constraintsOver(inventory),
    notifier: notifierOver(inventory),
    planner: plannerInProcess,
    plans: noPlans,
    plugins: { find: () => Promise.resolve(undefined), run: refuse },
    downloads: {
      refusal: () => undefined,
      fetch: refuse,
      remove: refuse,
    },
    clock: clockAt(inventory.takenAt),
    limits: {
      moveSeconds: 0,
      liveMigrationSeconds: 0,
      ownActionSeconds: 0,
      cloudPatienceSeconds: 0,
      callSeconds: 0,
    },
    publicUrl: '',
    infrastructureProjectId: refuse,
  };
}

const refuse = () => Promise.reject(new CloudError('failed', 'an inventory can only be looked at'));

function cloudOver({ hosts, instances, serverGroups }: Inventory): Cloud {
  return {
    observe: () => Promise.resolve({ hosts, instances, serverGroups }),
    hostNames: () => Promise.resolve(hosts.map(({ name }) => name)),
    closeHost: refuse,
    openHost: refuse,
    moveBaseline: refuse,
    startMove: refuse,
    moveWasStarted: refuse,
    watchMove: refuse,
    abortMove: refuse,
    confirmMove: refuse,
    watchDeparture: refuse,
  };
}

function constraintsOver({ instanceConstraints, instanceGroupConstraints }: Inventory): ConstraintStore {
  const byId: Readonly<Record<ConstraintKind, ReadonlyMap<string, readonly Constraint[]>>> = {
    instance: rowsById(instanceConstraints),
    instance_group: rowsById(instanceGroupConstraints),
  };
  return {
    find: (kind, ids) => Promise.resolve(ids.flatMap((id) => byId[kind].get(id) ?? [])),
    put: refuse,
    list: refuse,
    delete: refuse,
  };
}

function notifierOver({ subscribedProjects }: Inventory): Notifier {
  const listening = new Set(subscribedProjects);
  return {
    subscribedProjects: (ids) => Promise.resolve(ids.filter((id) => listening.has(id))),
    notify: refuse,
    close: () => Promise.resolve(),
  };
}

const noPlans: PlanStore = {
  get: () => Promise.resolve(undefined),
  list: () => Promise.resolve([]),
  put: refuse,
  delete: refuse,
};

/** Time stands still at the moment of the inventory: nothing of what is asked of these ports takes any. */
function clockAt(time: number): Clock {
  return { now: () => time, at: () => () => undefined, onJump: () => () => undefined };
}
