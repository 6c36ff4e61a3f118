/** Lower bound 1: only so many hosts can be empty at once (facts feat03, "Lower bounds"). */
import type { LowerBound } from '../certificate.ts';
import { durationWords } from './duration-words.ts';
import { resourceNames, type HostToDo, type Survey } from './survey.ts';

interface Limit {
  readonly hosts: number;
  readonly because: string;
  readonly subject: string;
}

/**
 * The largest of the following.
 *
 * VOLUME. Let R_h be the room of host h (its capacity, or what is on it at the beginning if that is more), F = sum of R_h
 * over all usable hosts - load, and u_h(t) = R_h - what is on h at t. Whatever is on a host fits into R_h (what comes to a host
 * fits its capacity; what was there before only leaves), so u_h(t) >= 0. The load is the same all the time and a moving instance
 * takes room twice, so the sum of u_h(t) is at most F. While h is maintained it is empty, u_h(t) = R_h. Integrated over [0, T]:
 * F T >= sum of R_h d_h over the hosts to do. If a schedule exists at all, some moment has u_h = R_h for each h to do, so that
 * F >= max R_h: taking at least that for F is no loss, and keeps the bound finite where no schedule exists.
 *
 * COUNT. At most K hosts are maintained at once: (a) the rooms of those hosts add up to at most F, so there are no
 * more of them than of the smallest rooms that add up to F; (b) a rule with at most p members per host and n members needs
 * ceil(n / p) hosts that are not being maintained (members beyond p that are on a host already may stay there and are not
 * counted); (c) `parallelHosts` hosts at most are worked on. Of any n of the maintenances, seen as intervals of which never more than
 * K overlap, some ceil(n / K) follow each other without overlap (the graph of intervals is perfect: K colours suffice). So T is at
 * least the sum of the ceil(n / K) shortest of the n longest, for every n, and at least the sum of all by K.
 */
export function capacityBound(survey: Survey): LowerBound | undefined {
  const { toDo } = survey;
  if (toDo.length === 0) return undefined;
  const candidates = [
    ...resourceNames.map((_, kind) => volumeBound(survey, kind)),
    // The fewer at once, the longer it takes.
    countBound(
      toDo,
      limitsOf(survey).reduce((least, limit) => (limit.hosts < least.hosts ? limit : least)),
    ),
  ];
  return candidates.reduce((best, bound) => (bound.seconds > best.seconds ? bound : best));
}

/** Free room of a kind, at least the largest host to do: what has to be free at some moment. */
export function workingRoom({ toDo, free }: Survey, kind: number): number {
  return toDo.reduce((most, { room }) => Math.max(most, room[kind] ?? 0), free[kind] ?? 0);
}

function volumeBound(survey: Survey, kind: number): LowerBound {
  const room = workingRoom(survey, kind);
  const need = survey.toDo.reduce(
    (sum, { host, room: own }) => sum + host.maintenanceSeconds * (own[kind] ?? 0),
    0,
  );
  const name = resourceNames[kind] ?? '';
  const because =
    `${survey.toDo.length} hosts have to be empty while they are maintained, and only ${amountWords(room, kind)} ` +
    `of all hosts are free for that at any moment`;
  return { name: 'capacity', seconds: room > 0 ? need / room : 0, because, subject: name };
}

/** An amount of a resource for people: "32 vCPUs", "64 GiB of memory". */
export function amountWords(amount: number, kind: number): string {
  const round = (value: number) => Math.round(value * 10) / 10;
  if (kind === 0) return `${round(amount)} vCPUs`;
  if (kind === 1) return `${round(amount / 1024)} GiB of memory`;
  return `${round(amount)} GiB of disk`;
}

function countBound(toDo: readonly HostToDo[], { hosts, because, subject }: Limit): LowerBound {
  const seconds = chainSeconds(
    toDo.map(({ host }) => host.maintenanceSeconds),
    Math.max(1, hosts),
  );
  const total = toDo.reduce((sum, { host }) => sum + host.maintenanceSeconds, 0);
  const sentence = `${because}, and ${toDo.length} hosts take ${durationWords(total)} of maintenance in all`;
  return { name: 'capacity', seconds, because: sentence, subject };
}

/** The least time for jobs of which at most `atOnce` overlap (see COUNT). */
function chainSeconds(durations: readonly number[], atOnce: number): number {
  const longest = [...durations].sort((a, b) => b - a);
  const sums = [0];
  for (const duration of longest) sums.push((sums.at(-1) ?? 0) + duration);
  const before = (number: number) => sums[number] ?? 0;
  let least = before(longest.length) / atOnce;
  for (let chain = 1; (chain - 1) * atOnce < longest.length; chain++) {
    const among = (chain - 1) * atOnce + 1;
    least = Math.max(least, before(among) - before(among - chain));
  }
  return least;
}

function limitsOf(survey: Survey): readonly Limit[] {
  const { campaign, toDo, usableHosts } = survey;
  const byRoom = resourceNames.map((name, kind): Limit => {
    const hosts = countOfSmallest(survey, kind);
    return {
      hosts,
      because: `the free ${name} of all hosts let at most ${hostWords(hosts)} be empty at once`,
      subject: name,
    };
  });
  const byRule = hostsNeededByRules(survey).map(({ name, members, needed }): Limit => ({
    hosts: usableHosts - needed,
    because:
      `the ${members} members of ${name} that must be kept apart need ${needed} of ${usableHosts} hosts, ` +
      `so at most ${hostWords(Math.max(1, usableHosts - needed))} can be empty at once`,
    subject: name,
  }));
  const underWay = toDo.filter(({ host }) => host.progress !== 'waiting').length;
  // What was begun before the limit was lowered goes on.
  const parallelHosts = Math.max(campaign.parallelHosts ?? Infinity, underWay);
  const byRequest: Limit[] =
    parallelHosts >= toDo.length
      ? []
      : [
          {
            hosts: parallelHosts,
            because: `at most ${hostWords(parallelHosts)} may be worked on at once`,
            subject: 'parallel_hosts',
          },
        ];
  return [...byRoom, ...byRule.filter(({ hosts }) => hosts < toDo.length), ...byRequest];
}

const hostWords = (count: number) => (count === 1 ? '1 host' : `${count} hosts`);

function countOfSmallest(survey: Survey, kind: number): number {
  const room = workingRoom(survey, kind);
  const smallest = survey.toDo.map((one) => one.room[kind] ?? 0).sort((a, b) => a - b);
  let sum = 0;
  const count = smallest.findIndex((amount) => (sum += amount) > room * (1 + 1e-9));
  return count < 0 ? smallest.length : count;
}

function hostsNeededByRules({ campaign, lasting }: Survey) {
  const perHost = new Map(
    campaign.rules.filter(({ kind }) => kind === 'apart').map(({ id }) => [id, new Map<string, number>()]),
  );
  for (const { ruleIds, host, target, isMoving } of lasting) {
    const where = isMoving ? (target ?? host) : host;
    for (const id of ruleIds) {
      const counts = perHost.get(id);
      counts?.set(where, (counts.get(where) ?? 0) + 1);
    }
  }
  return campaign.rules.flatMap(({ id, name, maxPerHost }) => {
    const counts = [...(perHost.get(id)?.values() ?? [])];
    const members = counts.reduce((sum, count) => sum + Math.min(count, maxPerHost), 0);
    return maxPerHost > 0 && members > 0 ? [{ name, members, needed: Math.ceil(members / maxPerHost) }] : [];
  });
}
