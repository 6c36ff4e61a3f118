/**
 * Lives through a campaign as a running session does: asks what begins now after every event, and lets events happen in a drawn
 * order. Time is left out. Returns what was wrong on the way, and which hosts were not done.
 */
import type { Campaign, CampaignHost, CampaignInstance } from '../../src/domain/planner/campaign.ts';
import { admitHosts, emptyHostsToBegin } from '../../src/domain/planner/admit-hosts.ts';

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

export interface Driven {
  readonly wrong: readonly string[];
  readonly left: readonly string[];
}

export function driveCampaign(start: Campaign, draw: () => number): Driven {
  const hosts: Mutable<CampaignHost>[] = start.hosts.map((host) => ({ ...host, isReady: draw() < 0.5 }));
  const instances: Mutable<CampaignInstance>[] = start.instances.map((instance) => ({ ...instance }));
  const wrong: string[] = [];
  for (;;) {
    const campaign: Campaign = { ...start, hosts, instances };
    for (const { host, targets } of admitHosts(structuredClone(campaign))) {
      const admitted = hosts.find(({ name }) => name === host);
      if (admitted?.progress !== 'waiting' || !admitted.isReady) wrong.push(`${host} may not be admitted`);
      else admitted.progress = 'draining';
      for (const instance of instances.filter((one) => one.host === host)) {
        const target = targets[instance.id];
        if (target === undefined) wrong.push(`${instance.id} has no target`);
        else instance.target = target;
      }
      wrong.push(...overfull(start, hosts, instances));
    }
    for (const name of emptyHostsToBegin(structuredClone(campaign))) {
      const host = hosts.find((one) => one.name === name);
      if (host?.progress !== 'waiting' || instances.some((one) => one.host === name || one.target === name))
        wrong.push(`${name} may not begin`);
      else host.progress = 'in_maintenance';
    }
    const events = possible(hosts, instances);
    const event = events[Math.floor(draw() * events.length)];
    if (event === undefined || wrong.length > 0) break;
    event();
  }
  return { wrong, left: hosts.filter(({ progress }) => isToDo(progress)).map(({ name }) => name) };
}

const isToDo = (progress: CampaignHost['progress']) => progress !== 'maintained' && progress !== 'outside';

function possible(hosts: readonly Mutable<CampaignHost>[], instances: readonly Mutable<CampaignInstance>[]) {
  const events: (() => void)[] = [];
  for (const host of hosts) {
    if (!host.isReady) events.push(() => (host.isReady = true));
    if (host.progress === 'in_maintenance') events.push(() => (host.progress = 'maintained'));
    const isEmpty = instances.every((instance) => instance.host !== host.name);
    if (host.progress === 'draining' && isEmpty) events.push(() => (host.progress = 'in_maintenance'));
  }
  for (const instance of instances) {
    const { target } = instance;
    if (target === undefined) continue;
    events.push(() => {
      if (!instance.isMoving) instance.isMoving = true;
      else {
        instance.host = target;
        delete instance.target;
        instance.isMoving = false;
      }
    });
  }
  return events;
}

function overfull(
  { rules }: Campaign,
  hosts: readonly CampaignHost[],
  instances: readonly CampaignInstance[],
): readonly string[] {
  return hosts.flatMap(({ name, capacity }) => {
    const there = instances.filter(({ host, target }) => host === name || target === name);
    const full = (['vcpus', 'memoryMb', 'diskGb'] as const)
      .filter((kind) => there.reduce((sum, { size }) => sum + size[kind], 0) > capacity[kind])
      .map((kind) => `${name} has too little ${kind}`);
    const crowded = rules
      .filter(({ id, maxPerHost }) => {
        const members = there.filter(({ ruleIds }) => ruleIds.includes(id));
        return members.length > maxPerHost && members.some(({ target }) => target === name);
      })
      .map((rule) => `${name} has too many of ${rule.name}`);
    return [...full, ...crowded];
  });
}
