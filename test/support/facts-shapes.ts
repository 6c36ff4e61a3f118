/** The five shapes of the facts (feat03, "Shape to beat") as campaigns, with numbers that can be worked out by hand. */
import type { Campaign, CampaignHost, CampaignInstance } from '../../src/domain/planner/campaign.ts';

interface Shape {
  readonly hosts: number;
  readonly empty: number;
  readonly groupSize: number;
  readonly slots: number;
  readonly recoverySeconds: number;
}

const shapeList: readonly Shape[] = [
  { hosts: 40, empty: 4, groupSize: 18, slots: 2, recoverySeconds: 60 },
  { hosts: 40, empty: 4, groupSize: 18, slots: 1, recoverySeconds: 120 },
  { hosts: 40, empty: 8, groupSize: 16, slots: 2, recoverySeconds: 60 },
  { hosts: 200, empty: 20, groupSize: 90, slots: 9, recoverySeconds: 60 },
  { hosts: 200, empty: 20, groupSize: 20, slots: 1, recoverySeconds: 120 },
];

export interface NamedCampaign {
  readonly name: string;
  readonly campaign: Campaign;
}

/**
 * 8 equal slots per host, the first hosts empty, all others full; 60 s per move, 2 streams per host; maintenance from 14 to 26 min in
 * equal steps over the hosts, so that the mean is 20 min; each host carries one member each of eight groups.
 */
export function shapes(): readonly NamedCampaign[] {
  return shapeList.map((shape) => ({
    name: `${shape.hosts} hosts, ${shape.empty} empty, groups of ${shape.groupSize}, m=${shape.slots}`,
    campaign: campaignOf(shape),
  }));
}

const slotsPerHost = 8;
const slot = { vcpus: 1, memoryMb: 1024, diskGb: 10 };

function campaignOf({ hosts, empty, groupSize, slots, recoverySeconds }: Shape): Campaign {
  const groupCount = ((hosts - empty) * slotsPerHost) / groupSize;
  const groups = Array.from({ length: groupCount }, (_, number) => ({
    id: `group-${number}`,
    name: `group-${number}`,
    projectId: `project-${number}`,
    slots,
    recoverySeconds,
  }));
  const instances = Array.from({ length: (hosts - empty) * slotsPerHost }, (_, number): CampaignInstance => {
    const group = `group-${number % groupCount}`;
    return {
      id: `instance-${number}`,
      projectId: `project-${number % groupCount}`,
      host: `host-${empty + Math.floor(number / slotsPerHost)}`,
      size: slot,
      action: 'MIGRATE',
      moveSeconds: 60,
      isMoving: false,
      leadSeconds: 0,
      groupId: group,
      impactedSeconds: 0,
      ruleIds: [`apart ${group}`],
    };
  });
  return {
    hosts: Array.from({ length: hosts }, (_, number): CampaignHost => ({
      name: `host-${number}`,
      capacity: { vcpus: slotsPerHost, memoryMb: slotsPerHost * 1024, diskGb: slotsPerHost * 10 },
      progress: 'waiting',
      takesInstances: true,
      // Neighbours differ, as they would if they were drawn.
      maintenanceSeconds: 840 + (720 * ((number * 7) % hosts)) / (hosts - 1),
      isReady: true,
    })),
    instances,
    groups,
    rules: groups.map(({ id }) => ({ id: `apart ${id}`, name: id, kind: 'apart', maxPerHost: 1 })),
    streams: { perHost: 2, total: 1000 },
  };
}
