/** Campaigns of a few hosts, said in a few words: hosts of 4 units, 1,000 s of maintenance, moves of 60 s. */
import type {
  Campaign,
  CampaignGroup,
  CampaignHost,
  CampaignInstance,
} from '../../src/domain/planner/campaign.ts';

export const units = (count: number) => ({ vcpus: count, memoryMb: count * 1024, diskGb: count * 10 });

export const host = (name: string, change: Partial<CampaignHost> = {}): CampaignHost => ({
  name,
  capacity: units(4),
  progress: 'waiting',
  takesInstances: true,
  maintenanceSeconds: 1000,
  isReady: true,
  ...change,
});

export const instance = (
  id: string,
  hostName: string,
  change: Partial<CampaignInstance> = {},
): CampaignInstance => ({
  id,
  projectId: 'shop',
  host: hostName,
  size: units(1),
  action: 'LIVE_MIGRATE',
  moveSeconds: 60,
  isMoving: false,
  leadSeconds: 0,
  groupId: 'web',
  impactedSeconds: 0,
  ruleIds: [],
  ...change,
});

export const group = (change: Partial<CampaignGroup> = {}): CampaignGroup => ({
  id: 'web',
  name: 'web servers',
  projectId: 'shop',
  slots: 10,
  recoverySeconds: 0,
  ...change,
});

export const campaign = (
  hosts: readonly CampaignHost[],
  instances: readonly CampaignInstance[],
  change: Partial<Campaign> = {},
): Campaign => ({
  hosts,
  instances,
  groups: [group()],
  rules: [],
  streams: { perHost: 10, total: Infinity },
  ...change,
});

/** So many instances of one unit each on a host. */
export const several = (
  count: number,
  hostName: string,
  change: Partial<CampaignInstance> = {},
): CampaignInstance[] =>
  Array.from({ length: count }, (_, number) => instance(`${hostName}-${number}`, hostName, change));
