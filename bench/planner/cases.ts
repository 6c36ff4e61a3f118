/** The campaigns that the planner is timed on, drawn from a seed: 10 instances per host, three sizes, several groups. */
import type { Campaign, CampaignHost, CampaignInstance } from '../../src/domain/planner/campaign.ts';

export const instancesPerHost = 10;

/** One host in ten is empty at the start; members of a group are spread over the hosts, as anti-affinity would. */
export function benchCampaign(hostCount: number, seed: number): Campaign {
  const draw = drawing(seed);
  const empty = Math.ceil(hostCount / 10);
  const capacity = { vcpus: 24, memoryMb: 96 * 1024, diskGb: 960 };
  const hosts: CampaignHost[] = Array.from({ length: hostCount }, (_, number) => ({
    name: `host-${number}`,
    capacity,
    progress: 'waiting',
    takesInstances: true,
    maintenanceSeconds: Math.round(1200 * (0.7 + 0.6 * draw())),
    isReady: true,
  }));
  const count = hostCount * instancesPerHost;
  const groupSize = 50;
  const groupCount = Math.ceil(count / groupSize);
  const groups = Array.from({ length: groupCount }, (_, number) => ({
    id: `group-${number}`,
    name: `group ${number}`,
    projectId: `project-${number % 40}`,
    slots: 1 + Math.floor(draw() * 5),
    recoverySeconds: 60,
  }));
  const rules = groups.map(({ id, name }) => ({
    id: `apart-${id}`,
    name: `${name} apart`,
    kind: 'apart' as const,
    maxPerHost: 3,
  }));
  const carrying = hostCount - empty;
  const instances: CampaignInstance[] = Array.from({ length: count }, (_, number) => {
    const units = [1, 2, 3][Math.floor(draw() * 3)] ?? 1;
    const group = groups[Math.floor(number / groupSize)] ?? groups[0];
    return {
      id: `instance-${number}`,
      projectId: group?.projectId ?? '',
      host: `host-${empty + (number % carrying)}`,
      size: { vcpus: units, memoryMb: units * 4096, diskGb: units * 40 },
      action: 'LIVE_MIGRATE',
      moveSeconds: 30 + 15 * units,
      isMoving: false,
      leadSeconds: 0,
      groupId: group?.id ?? '',
      impactedSeconds: 0,
      ruleIds: [`apart-${group?.id ?? ''}`],
    };
  });
  return { hosts, instances, groups, rules, streams: { perHost: 2, total: Infinity } };
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function drawing(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4294967296;
  };
}
