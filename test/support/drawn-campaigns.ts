/** Small campaigns in which everything that limits one occurs, drawn from a seed: the same seed gives the same campaign. */
import type {
  Campaign,
  CampaignGroup,
  CampaignHost,
  CampaignInstance,
  CampaignRule,
} from '../../src/domain/planner/campaign.ts';
import { drawing } from './drawn-campaign.ts';

export interface DrawnOptions {
  readonly hosts: number;
  readonly instances: number;
  /** All durations are multiples of it; 1 keeps exhaustive search small. */
  readonly unitSeconds?: number;
  /** Some hosts are being drained or maintained already, some instances are on their way. */
  readonly isUnderWay?: boolean;
}

type Draw = () => number;

const pick = <T>(draw: Draw, choices: readonly T[], fallback: T): T =>
  choices[Math.floor(draw() * choices.length)] ?? fallback;

/** Unequal hosts, up to three sizes, groups with slots and recovery, rules that keep apart, empty hosts or none. */
export function drawCampaign(seed: number, options: DrawnOptions): Campaign {
  const draw = drawing(seed);
  const unit = options.unitSeconds ?? 1;
  const isLean = draw() < 0.5;
  const hosts = drawnHosts(draw, options.hosts, unit, isLean ? 0.1 : 0.3);
  const groups = drawnGroups(draw, Math.max(1, Math.round(options.instances / 3)), unit);
  const rules = groups.flatMap(({ id, name }): CampaignRule[] =>
    draw() < 0.3 ? [{ id: `apart ${id}`, name, kind: 'apart', maxPerHost: pick(draw, [1, 2], 1) }] : [],
  );
  const sizes = pick(draw, [[1], [1, 2], [1, 2, 4]], [1]);
  const instances: CampaignInstance[] = [];
  for (let number = 0; number < options.instances; number++) {
    const instance = drawnInstance(draw, { number, hosts, groups, rules, sizes, unit, others: instances });
    if (instance !== undefined) instances.push(instance);
  }
  const campaign: Campaign = {
    hosts,
    instances,
    groups,
    rules,
    streams: { perHost: pick(draw, [1, 1, 2], 1), total: pick(draw, [1, 2, 100], 100) },
    ...(draw() < 0.1 && { parallelHosts: pick(draw, [1, 2], 1) }),
  };
  return options.isUnderWay === true ? underWay(draw, campaign, unit) : campaign;
}

function drawnHosts(draw: Draw, count: number, unit: number, emptyShare: number): CampaignHost[] {
  const isUnequal = draw() < 0.5;
  return Array.from({ length: count }, (_, number) => {
    const vcpus = isUnequal ? pick(draw, [2, 4, 6], 4) : 4;
    // In some clouds memory is what runs out.
    const memory = draw() < 0.2 ? vcpus - 1 : vcpus;
    return {
      name: `host-${number}${draw() < emptyShare ? '-empty' : ''}`,
      capacity: { vcpus, memoryMb: memory * 1024, diskGb: vcpus * 100 },
      progress: draw() < 0.1 ? 'outside' : 'waiting',
      takesInstances: draw() > 0.03,
      maintenanceSeconds: unit * (3 + Math.floor(draw() * 8)),
      isReady: true,
    };
  });
}

function drawnGroups(draw: Draw, count: number, unit: number): CampaignGroup[] {
  return Array.from({ length: count }, (_, number) => ({
    id: `group-${number}`,
    name: `group-${number}`,
    projectId: `project-${number % 2}`,
    slots: pick(draw, [1, 1, 2, 3], 1),
    recoverySeconds: unit * pick(draw, [0, 1, 3, 15], 0),
  }));
}

interface Surroundings {
  readonly number: number;
  readonly hosts: readonly CampaignHost[];
  readonly groups: readonly CampaignGroup[];
  readonly rules: readonly CampaignRule[];
  readonly sizes: readonly number[];
  readonly unit: number;
  readonly others: readonly CampaignInstance[];
}

/** Undefined where no host has room for it. */
function drawnInstance(draw: Draw, around: Surroundings): CampaignInstance | undefined {
  const { number, hosts, groups, rules, sizes, unit, others } = around;
  const group = groups[Math.floor(draw() * groups.length)];
  const vcpus = pick(draw, sizes, 1);
  const size = { vcpus, memoryMb: vcpus * 1024, diskGb: vcpus * 10 };
  const own = rules.filter(({ id }) => id === `apart ${group?.id}`);
  const open = hosts.filter(({ name, capacity }) => {
    const there = others.filter(({ host }) => host === name);
    const hasRoom = (['vcpus', 'memoryMb', 'diskGb'] as const).every(
      (kind) => there.reduce((sum, one) => sum + one.size[kind], size[kind]) <= capacity[kind],
    );
    const isApart = own.every(
      ({ id, maxPerHost }) => there.filter(({ ruleIds }) => ruleIds.includes(id)).length < maxPerHost,
    );
    return !name.endsWith('empty') && hasRoom && isApart;
  });
  const host = open[Math.floor(draw() * open.length)];
  if (host === undefined || group === undefined) return undefined;
  return {
    id: `instance-${number}`,
    projectId: group.projectId,
    host: host.name,
    size,
    action: draw() < 0.1 ? 'OWN_ACTION' : 'MIGRATE',
    moveSeconds: unit * pick(draw, [1, 1, 2], 1),
    isMoving: false,
    leadSeconds: unit * pick(draw, [0, 0, 0, 2, 4], 0),
    groupId: group.id,
    impactedSeconds: draw() < 0.05 ? unit * 4 : 0,
    ruleIds: own.map(({ id }) => id),
  };
}

/** The same some time later: a host without instances is in maintenance, and one instance moves. */
function underWay(draw: Draw, campaign: Campaign, unit: number): Campaign {
  const { hosts, instances } = campaign;
  const moving = instances.find(({ action }) => action !== 'OWN_ACTION' && draw() < 0.7);
  const target = hosts.find(
    ({ name, capacity, takesInstances }) =>
      takesInstances &&
      instances.every(({ host }) => host !== name) &&
      moving !== undefined &&
      moving.size.vcpus <= capacity.vcpus &&
      moving.size.memoryMb <= capacity.memoryMb,
  );
  const isEmpty = ({ name }: CampaignHost) =>
    instances.every(({ host }) => host !== name) && name !== target?.name;
  const inMaintenance = hosts.find((host) => isEmpty(host) && host.progress === 'waiting' && draw() < 0.8);
  return {
    ...campaign,
    hosts: hosts.map((host): CampaignHost => {
      if (host === inMaintenance)
        return { ...host, progress: 'in_maintenance', maintenanceSeconds: 2 * unit };
      const isDraining = host.name === moving?.host && target !== undefined && host.progress === 'waiting';
      return isDraining ? { ...host, progress: 'draining' } : host;
    }),
    instances: instances.map((one) =>
      one === moving && target !== undefined
        ? { ...one, isMoving: true, target: target.name, leadSeconds: 0 }
        : one,
    ),
  };
}
