/** Campaigns drawn from a seed: the same seed gives the same campaign. */
import type {
  Campaign,
  CampaignGroup,
  CampaignHost,
  CampaignInstance,
  CampaignRule,
} from '../../src/domain/planner/campaign.ts';

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function drawing(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4294967296;
  };
}

export interface DrawnSize {
  readonly hosts: number;
  readonly instances: number;
  /** 0: everything is equal and simple; 1: unequal hosts, lead times, own actions, rules, limits on what is parallel. */
  readonly variety: number;
}

/** Instances are placed so that they fit and keep to the rules. */
export function drawnCampaign(seed: number, { hosts, instances, variety }: DrawnSize): Campaign {
  const draw = drawing(seed);
  const pick = <T>(...choices: readonly [T, ...T[]]): T =>
    choices[Math.floor(draw() * choices.length)] ?? choices[0];
  const sometimes = (share: number) => draw() < share * variety;
  const cloud: CampaignHost[] = Array.from({ length: hosts }, (_, number) => {
    const units = sometimes(0.5) ? pick(4, 8, 12) : 8;
    return {
      name: `host-${number}`,
      capacity: { vcpus: units, memoryMb: units * (sometimes(0.3) ? 512 : 1024), diskGb: units * 10 },
      progress: sometimes(0.1) ? 'outside' : 'waiting',
      takesInstances: !sometimes(0.03),
      maintenanceSeconds: Math.round(1200 * (0.7 + 0.6 * draw())),
      isReady: true,
    };
  });
  const groupCount = Math.max(1, Math.round(instances / pick(2, 4, 8)));
  const groups: CampaignGroup[] = Array.from({ length: groupCount }, (_, number) => ({
    id: `group-${number}`,
    name: `group ${number}`,
    projectId: `project-${number % 3}`,
    slots: sometimes(0.02) ? 0 : pick(1, 1, 2, 3),
    recoverySeconds: pick(0, 60, 120, sometimes(0.1) ? 3000 : 30),
  }));
  const rules: CampaignRule[] = groups
    .filter(() => sometimes(0.6))
    .map(({ id, name }) => ({
      id: `rule of ${id}`,
      name: `rule of ${name}`,
      kind: sometimes(0.1) ? 'together' : 'apart',
      maxPerHost: pick(1, 1, 2),
    }));
  const placed: CampaignInstance[] = [];
  for (let number = 0; number < instances; number++) {
    const group = groups[Math.floor(draw() * groupCount)];
    const units = sometimes(0.6) ? pick(1, 2, 4) : 1;
    const size = { vcpus: units, memoryMb: units * (sometimes(0.3) ? 512 : 1024), diskGb: units * 10 };
    const own = rules.filter(({ id }) => id === `rule of ${group?.id}`);
    const order = cloud.map(({ name }) => [draw(), name] as const).sort(([a], [b]) => a - b);
    const host = order.map(([, name]) => name).find((name) => mayStand(cloud, placed, name, size, own));
    if (host === undefined || group === undefined) continue;
    placed.push({
      id: `instance-${number}`,
      projectId: group.projectId,
      host,
      size,
      action: sometimes(0.1) ? 'OWN_ACTION' : pick('LIVE_MIGRATE', 'MIGRATE'),
      moveSeconds: pick(30, 60, 90),
      isMoving: false,
      leadSeconds: sometimes(0.3) ? pick(60, 300, 1800) : 0,
      groupId: group.id,
      impactedSeconds: sometimes(0.05) ? pick(100, 1000, Infinity) : 0,
      ruleIds: own.map(({ id }) => id),
    });
  }
  return {
    hosts: cloud,
    instances: placed,
    groups,
    rules,
    streams: { perHost: pick(1, 2), total: sometimes(0.3) ? pick(2, 4) : Infinity },
    ...(sometimes(0.2) && { parallelHosts: pick(1, 2, 3) }),
  };
}

/** At most 5 hosts and 8 instances, tight; resources and `apart` rules alone decide. */
export function tinyCampaign(seed: number): Campaign {
  const draw = drawing(seed + 1_000_000);
  const hosts = 2 + Math.floor(draw() * 4);
  const { instances, groups, ...rest } = drawnCampaign(seed, {
    hosts,
    instances: 2 + Math.floor(draw() * 7),
    variety: 1,
  });
  const tight = rest.hosts.map((host) => {
    const half = {
      vcpus: host.capacity.vcpus / 2,
      memoryMb: host.capacity.memoryMb / 2,
      diskGb: host.capacity.diskGb / 2,
    };
    const here = instances.filter((instance) => instance.host === host.name);
    const fits = (['vcpus', 'memoryMb', 'diskGb'] as const).every(
      (kind) => here.reduce((sum, { size }) => sum + size[kind], 0) <= half[kind],
    );
    return { ...host, takesInstances: true, ...(fits && { capacity: half }) };
  });
  return {
    ...rest,
    hosts: tight,
    rules: rest.rules.map((rule) => ({ ...rule, kind: 'apart' as const })),
    groups: groups.map((group) => ({ ...group, slots: Math.max(1, group.slots) })),
    instances: instances.map((instance) => ({
      ...instance,
      impactedSeconds: 0,
      action: 'LIVE_MIGRATE' as const,
    })),
  };
}

function mayStand(
  cloud: readonly CampaignHost[],
  placed: readonly CampaignInstance[],
  name: string,
  size: CampaignInstance['size'],
  rules: readonly CampaignRule[],
): boolean {
  const capacity = cloud.find((host) => host.name === name)?.capacity;
  if (capacity === undefined) return false;
  const there = placed.filter(({ host }) => host === name);
  const fits = (['vcpus', 'memoryMb', 'diskGb'] as const).every(
    (kind) => there.reduce((sum, other) => sum + other.size[kind], size[kind]) <= capacity[kind],
  );
  return (
    fits &&
    rules.every(({ id, kind, maxPerHost }) => {
      const members = placed.filter(({ ruleIds }) => ruleIds.includes(id));
      if (kind === 'together') return members.every(({ host }) => host === name);
      return members.filter(({ host }) => host === name).length < maxPerHost;
    })
  );
}
