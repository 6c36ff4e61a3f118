/**
 * Can a tiny campaign be done at all? Tries every order of hosts and every target of every instance. Knows only resources and
 * `apart` rules, and no time; no code of the planner is used.
 */
import type { Campaign } from '../../src/domain/planner/campaign.ts';

export function canBeDone(campaign: Campaign): boolean {
  const { hosts, instances, rules } = campaign;
  const seen = new Set<string>();
  const fits = (at: readonly string[], number: number, name: string): boolean => {
    const host = hosts.find((one) => one.name === name);
    const instance = instances[number];
    if (host === undefined || instance === undefined || !host.takesInstances) return false;
    const there = instances.filter((_, other) => other !== number && at[other] === name);
    return (
      (['vcpus', 'memoryMb', 'diskGb'] as const).every(
        (kind) =>
          there.reduce((sum, { size }) => sum + size[kind], instance.size[kind]) <= host.capacity[kind],
      ) &&
      rules.every(
        ({ id, maxPerHost }) =>
          !instance.ruleIds.includes(id) ||
          there.filter(({ ruleIds }) => ruleIds.includes(id)).length < maxPerHost,
      )
    );
  };
  const explore = (left: readonly string[], at: readonly string[]): boolean => {
    if (left.length === 0) return true;
    const key = `${left.join()} ${at.join()}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return left.some((name) => {
      const leaving = [...instances.keys()].filter((number) => at[number] === name);
      const rest = left.filter((other) => other !== name);
      const place = (from: number, now: readonly string[]): boolean => {
        const number = leaving[from];
        if (number === undefined) return explore(rest, now);
        return hosts.some(
          (host) =>
            host.name !== name &&
            fits(now, number, host.name) &&
            place(from + 1, now.with(number, host.name)),
        );
      };
      return place(0, at);
    });
  };
  return explore(
    hosts.filter(({ progress }) => progress === 'waiting').map(({ name }) => name),
    instances.map(({ host }) => host),
  );
}
