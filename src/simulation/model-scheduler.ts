/** Where a model cloud lets an instance go, as Nova's scheduler and its server groups do. */
import type { HostType, Resources, ServerGroup } from '../domain/cloud.ts';
import type { ModelInstance, ModelInstances } from './model-instances.ts';

export interface ModelHost {
  readonly name: string;
  readonly type: HostType;
  readonly capacity: Resources;
  open: boolean;
  up: boolean;
  reason?: string;
}

/** An instance that the scheduler still counts on a host which it left by live migration. */
export interface Remembered {
  readonly id: string;
  readonly host: string;
  readonly until: number;
}

export interface Surroundings {
  readonly instances: ModelInstances;
  readonly groups: readonly ServerGroup[];
  readonly remembered: readonly Remembered[];
  readonly now: number;
}

const kinds = ['vcpus', 'memoryMb', 'diskGb'] as const;

/** The first host that takes the instance. */
export function findPlace(
  hosts: Iterable<ModelHost>,
  instance: ModelInstance,
  surroundings: Surroundings,
): ModelHost | undefined {
  const groups = surroundings.groups.filter(({ members }) => members.includes(instance.id));
  for (const host of hosts) {
    if (host.type !== 'compute' || !host.open || !host.up) continue;
    if (
      hasRoom(host, instance, surroundings) &&
      groups.every((group) => bears(group, host, instance, surroundings))
    )
      return host;
  }
  return undefined;
}

function hasRoom(
  { name, capacity }: ModelHost,
  { size }: ModelInstance,
  { instances }: Surroundings,
): boolean {
  const there = instances.on(name);
  return kinds.every(
    (kind) => there.reduce((sum, other) => sum + other.size[kind], size[kind]) <= capacity[kind],
  );
}

/** Does the group's rule allow one more of its members there? The soft policies never refuse. */
function bears(
  { policy, maxPerHost, members }: ServerGroup,
  { name }: ModelHost,
  { id }: ModelInstance,
  { instances, remembered, now }: Surroundings,
): boolean {
  const isOther = (other: { readonly id: string }) => other.id !== id && members.includes(other.id);
  if (policy === 'anti-affinity') {
    const there = [
      ...instances.on(name),
      ...remembered.filter(({ host, until }) => host === name && until > now),
    ].filter(isOther);
    return new Set(there.map((other) => other.id)).size < maxPerHost;
  }
  if (policy === 'affinity') {
    const elsewhere = members.filter((member) => member !== id && instances.get(member) !== undefined);
    return elsewhere.length === 0 || instances.on(name).some(isOther);
  }
  return true;
}
