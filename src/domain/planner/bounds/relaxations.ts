/** Single constraints of a campaign, each relaxed by one unit. */
import type { Campaign, CampaignHost } from '../campaign.ts';
import type { OwnBound } from './lower-bounds.ts';
import { durationWords } from './duration-words.ts';
import { isToDo } from './survey.ts';

export interface Relaxation {
  readonly constraint: string;
  readonly relaxation: string;
  /** The bounds that it can make smaller. */
  readonly affects: readonly OwnBound[];
  readonly relaxed: Campaign;
}

const allBounds: readonly OwnBound[] = ['capacity', 'group', 'host', 'streams', 'slot_time'];

/** A free host that need not be maintained, with the capacity that most hosts have. */
export function oneMoreHost(campaign: Campaign): Relaxation {
  const common = mostCommon(campaign.hosts);
  const extra: CampaignHost = {
    name: freshName(campaign),
    capacity: common?.capacity ?? { vcpus: 0, memoryMb: 0, diskGb: 0 },
    progress: 'outside',
    takesInstances: true,
    maintenanceSeconds: 0,
    isReady: true,
  };
  const { vcpus, memoryMb, diskGb } = extra.capacity;
  return {
    constraint: 'empty hosts',
    relaxation: `one more empty host (${vcpus} vCPUs, ${memoryMb} MiB of memory, ${diskGb} GiB of disk)`,
    affects: ['capacity', 'slot_time'],
    relaxed: { ...campaign, hosts: [...campaign.hosts, extra] },
  };
}

export function oneMoreStreamPerHost(campaign: Campaign): Relaxation {
  const { perHost } = campaign.streams;
  return {
    constraint: `moves at once from one host (${perHost})`,
    relaxation: 'one more stream per host',
    affects: ['host', 'streams', 'slot_time'],
    relaxed: { ...campaign, streams: { ...campaign.streams, perHost: perHost + 1 } },
  };
}

export function oneMoreStreamInAll(campaign: Campaign): Relaxation {
  const { total } = campaign.streams;
  return {
    constraint: `moves at once in all (${total})`,
    relaxation: 'one more stream in all',
    affects: ['streams', 'slot_time'],
    relaxed: { ...campaign, streams: { ...campaign.streams, total: total + 1 } },
  };
}

export function oneMoreParallelHost(campaign: Campaign): Relaxation {
  const { parallelHosts = Infinity } = campaign;
  return {
    constraint: `parallel_hosts (${parallelHosts})`,
    relaxation: 'one more host at once',
    affects: ['capacity'],
    relaxed: { ...campaign, parallelHosts: parallelHosts + 1 },
  };
}

export function widerRule(campaign: Campaign, name: string): Relaxation {
  return {
    constraint: `members of ${name} per host`,
    relaxation: 'one more member per host',
    affects: ['capacity'],
    relaxed: {
      ...campaign,
      rules: campaign.rules.map((rule) =>
        rule.name === name ? { ...rule, maxPerHost: rule.maxPerHost + 1 } : rule,
      ),
    },
  };
}

/** `unit`: so much shorter, in seconds. */
export function shorterMaintenance(campaign: Campaign, names: ReadonlySet<string>, unit = 60): Relaxation {
  return {
    constraint: `maintenance of ${listWords('host', names)}`,
    relaxation: `${durationWords(unit)} shorter${names.size > 1 ? ' each' : ''}`,
    affects: allBounds,
    relaxed: {
      ...campaign,
      hosts: campaign.hosts.map((host) =>
        names.has(host.name)
          ? { ...host, maintenanceSeconds: Math.max(0, host.maintenanceSeconds - unit) }
          : host,
      ),
    },
  };
}

export function oneMoreMember(campaign: Campaign, ids: ReadonlySet<string>): Relaxation {
  return {
    constraint: `max_impacted_members of ${groupWords(campaign, ids)}`,
    relaxation: 'one more member at once',
    affects: ['group', 'host'],
    relaxed: {
      ...campaign,
      groups: campaign.groups.map((group) =>
        ids.has(group.id) ? { ...group, slots: group.slots + 1 } : group,
      ),
    },
  };
}

export function noRecovery(campaign: Campaign, ids: ReadonlySet<string>): Relaxation {
  return {
    constraint: `recovery_time of ${groupWords(campaign, ids)}`,
    relaxation: 'recovery_time 0',
    affects: ['group', 'host'],
    relaxed: {
      ...campaign,
      groups: campaign.groups.map((group) => (ids.has(group.id) ? { ...group, recoverySeconds: 0 } : group)),
    },
  };
}

/** Of the instances on these hosts; of all instances without them. */
export function noLead(campaign: Campaign, hosts?: ReadonlySet<string>): Relaxation {
  return {
    constraint: `lead_time of the instances on ${hosts === undefined ? 'all hosts' : listWords('host', hosts)}`,
    relaxation: 'lead_time 0',
    affects: allBounds,
    relaxed: {
      ...campaign,
      instances: campaign.instances.map((one) =>
        hosts === undefined || hosts.has(one.host) ? { ...one, leadSeconds: 0 } : one,
      ),
    },
  };
}

const groupWords = ({ groups }: Campaign, ids: ReadonlySet<string>) =>
  listWords('group', new Set(groups.filter(({ id }) => ids.has(id)).map(({ name }) => name)));

function listWords(kind: string, names: ReadonlySet<string>): string {
  const all = [...names];
  const shown = all.slice(0, 3).join(', ');
  if (all.length === 1) return `${kind} ${shown}`;
  return all.length > 3 ? `${all.length} ${kind}s (${shown}, ...)` : `${kind}s ${shown}`;
}

function mostCommon(hosts: readonly CampaignHost[]): CampaignHost | undefined {
  const counts = new Map<string, { readonly host: CampaignHost; readonly count: number }>();
  for (const host of hosts.filter((one) => isToDo(one) || one.takesInstances)) {
    const { vcpus, memoryMb, diskGb } = host.capacity;
    const key = `${vcpus} ${memoryMb} ${diskGb}`;
    counts.set(key, { host, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  return [...counts.values()].sort((a, b) => b.count - a.count)[0]?.host;
}

function freshName({ hosts }: Campaign): string {
  const names = new Set(hosts.map(({ name }) => name));
  let name = 'one more';
  while (names.has(name)) name += ' more';
  return name;
}
