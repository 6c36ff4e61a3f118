/** Lower bound 6: the room that maintenance, emptying and moving take, over time (facts feat03, "Lower bounds"). */
import type { CampaignInstance } from '../campaign.ts';
import type { LowerBound } from '../certificate.ts';
import { amountWords, workingRoom } from './capacity-bound.ts';
import { durationWords } from './duration-words.ts';
import { carried, rampLoss, type Carried } from './ramp.ts';
import { amountsOf, isUnderWay, resourceNames, type HostToDo, type Survey } from './survey.ts';

/** How many moves long the stretch before a maintenance is that is looked at; each gives a bound, the largest counts. */
const stretches = [16, 8, 4, 2, 1, 0];

interface Host {
  readonly room: number;
  readonly seconds: number;
  readonly own: Carried;
  /** It can be in maintenance before anything has moved. */
  readonly isEarly: boolean;
  readonly isUnderWay: boolean;
}

interface Ahead {
  readonly hosts: readonly Host[];
  /** F. */
  readonly room: number;
  /** What moving instances take twice: size times seconds. */
  readonly doubled: number;
  readonly largest: number;
  readonly streams: number;
  /** The shortest move; Infinity where there is none. */
  readonly shortest: number;
  /** Nothing moves before. */
  readonly quiet: number;
}

/**
 * The largest over the three resources and over `stretches`. As in bound 1 (VOLUME), with F the free room, R_h the room of host h,
 * u_h(t) what is not taken of it: at every moment sum of u_h(t) = F - what moving instances take twice. Integrated over [z, T]:
 *
 *   F (T - z) >= (1) sum of R_h d_h + (2) ramps + (3) what moving instances take twice, each as far as it falls after z.
 *
 * (1) A host is empty during its maintenance.
 * (2) In the stretch of length R before its maintenance, `rampLoss` says what a host loses at least. It counts as far as the stretch
 * lies after z, that is for all that begin their maintenance at z + R or later. Of the others, those with d_h >= R (that can begin before
 * z: d_h >= z + R) are all in maintenance just before z + R, together with those that are in maintenance now for at least that long;
 * their rooms together are at most F. So at most that set of hosts is left out of (2) whose ramps are largest among those of a total room
 * of F less the latter; allowing parts of hosts (the fractional knapsack) leaves out still more. Hosts with a shorter
 * maintenance are left out altogether.
 * (3) Each instance on a host to do leaves it once, by a move of its own length. What strangers take twice in (2) belongs to
 * other moves, as explained there.
 *
 * z: no move begins before `quiet`, the least lead time that is left (0 if something is moving). Until then only hosts are in maintenance
 * that carry nothing to be moved, and (1) counts of these what falls after z. Any z up to `quiet` will do; it is kept
 * so small that the condition in (2) holds for each of those hosts. They fit into F together, so that a later z never makes the bound smaller.
 *
 * Nothing here grows when a constraint is relaxed: more free room divides by more and leaves more out; more streams let `rampLoss`
 * fall; a shorter maintenance makes (1) smaller, and leaves a host out of (2).
 */
export function slotTimeBound(survey: Survey): LowerBound | undefined {
  if (survey.toDo.length === 0) return undefined;
  const crowd = crowdOf(survey);
  const bounds = resourceNames.map((name, kind): LowerBound => {
    const ahead = aheadOf(survey, crowd, kind);
    const seconds = longest(ahead);
    return { name: 'slot_time', seconds, because: sentence(ahead, seconds, kind), subject: name };
  });
  return bounds.reduce((most, bound) => (bound.seconds > most.seconds ? bound : most));
}

/** The instances that matter, whatever the resource. */
interface Crowd {
  /** On hosts to do, or on their way to one. */
  readonly movers: readonly CampaignInstance[];
  /** Those of them whose first move from a host to do counts here. */
  readonly takeTwice: readonly CampaignInstance[];
  readonly shortest: number;
  readonly quiet: number;
}

function crowdOf({ toDo, lasting, campaign }: Survey): Crowd {
  const names = new Set(toDo.map(({ host }) => host.name));
  const isComing = (one: CampaignInstance) => isUnderWay(one) && names.has(one.target);
  const movers = lasting.filter((one) => names.has(one.host) || isComing(one));
  // What is coming to a host to do moves once more, from there.
  const toBegin = movers.filter((one) => !one.isMoving || isComing(one));
  const isQuiet = campaign.instances.every(
    ({ isMoving, host, action }) => !isMoving && !(action === 'OWN_ACTION' && names.has(host)),
  );
  return {
    movers,
    takeTwice: movers.filter((one) => names.has(one.host) && (!one.isMoving || isUnderWay(one))),
    shortest: toBegin.reduce((least, { moveSeconds }) => Math.min(least, moveSeconds), Infinity),
    quiet: isQuiet ? toBegin.reduce((least, { leadSeconds }) => Math.min(least, leadSeconds), Infinity) : 0,
  };
}

function aheadOf(survey: Survey, { movers, takeTwice, shortest, quiet }: Crowd, kind: number): Ahead {
  const { perHost, total } = survey.campaign.streams;
  const sizeOf = (one: CampaignInstance) => amountsOf(one.size)[kind] ?? 0;
  return {
    hosts: survey.toDo.map((one) => hostOf(one, kind)),
    room: workingRoom(survey, kind),
    doubled: takeTwice.reduce((sum, one) => sum + sizeOf(one) * one.moveSeconds, 0),
    largest: movers.reduce((most, one) => Math.max(most, sizeOf(one)), 0),
    streams: Math.max(1, Math.min(perHost, total)),
    shortest,
    quiet: quiet < Infinity ? quiet : 0,
  };
}

function hostOf({ host, room, moved }: HostToDo, kind: number): Host {
  return {
    room: room[kind] ?? 0,
    seconds: host.maintenanceSeconds,
    own: carried(moved.map(({ size }) => amountsOf(size)[kind] ?? 0)),
    isEarly: moved.length === 0,
    isUnderWay: host.progress === 'in_maintenance',
  };
}

function longest(ahead: Ahead): number {
  let most = 0;
  for (const steps of stretches) {
    const { seconds, isWhole } = secondsFor(ahead, steps);
    most = Math.max(most, seconds);
    if (isWhole) break;
  }
  return most;
}

/** `isWhole`: all of `quiet` and every host counts, so that no shorter stretch gives more. */
function secondsFor(ahead: Ahead, steps: number): { readonly seconds: number; readonly isWhole: boolean } {
  const { hosts, room, doubled, shortest, quiet } = ahead;
  if (room <= 0) return { seconds: 0, isWhole: true };
  const stretch = shortest < Infinity ? steps * shortest : 0;
  const firstEnd = hosts.reduce(
    (least, host) => (host.isEarly ? Math.min(least, host.seconds) : least),
    Infinity,
  );
  const start = Math.min(quiet, Math.max(0, firstEnd - stretch));
  const maintained = hosts.reduce(
    (sum, host) => sum + host.room * (host.isEarly ? Math.max(0, host.seconds - start) : host.seconds),
    0,
  );
  const long = hosts.filter((host) => host.seconds >= (host.isEarly ? start + stretch : stretch));
  const seconds = start + (maintained + doubled + rampsOf(long, ahead, steps)) / room;
  return { seconds, isWhole: start === quiet && long.length === hosts.length };
}

function rampsOf(long: readonly Host[], { room, largest, streams, shortest }: Ahead, steps: number): number {
  if (steps === 0 || shortest === 0 || shortest === Infinity) return 0;
  const ramps = long
    .filter((host) => !host.isUnderWay && host.room > 0)
    .map(({ room: own, own: sizes }) => ({
      room: own,
      loss:
        shortest *
        rampLoss(sizes, {
          room: own,
          streams,
          largest: Math.min(own, Math.max(largest, sizes.sizes[0] ?? 0)),
          steps,
        }),
    }));
  const underWay = long.reduce((sum, host) => sum + (host.isUnderWay ? host.room : 0), 0);
  return ramps.reduce((sum, { loss }) => sum + loss, 0) - largestPart(ramps, Math.max(0, room - underWay));
}

/** The most that hosts lose whose rooms add up to this, parts of hosts allowed. */
function largestPart(
  ramps: readonly { readonly room: number; readonly loss: number }[],
  room: number,
): number {
  let left = room;
  let most = 0;
  for (const ramp of [...ramps].sort((a, b) => b.loss / b.room - a.loss / a.room)) {
    if (left <= 0) break;
    most += ramp.loss * Math.min(1, left / ramp.room);
    left -= ramp.room;
  }
  return most;
}

function sentence({ hosts, room, doubled }: Ahead, seconds: number, kind: number): string {
  const maintained = hosts.reduce((sum, host) => sum + host.room * host.seconds, 0);
  const share = (part: number) => (seconds > 0 && room > 0 ? Math.round((100 * part) / (seconds * room)) : 0);
  const rest = Math.max(0, 100 - share(maintained) - share(doubled));
  return (
    `of the ${amountWords(room, kind)} that are free of all hosts at any moment, ${durationWords(seconds)} long, ` +
    `maintenance takes ${share(maintained)} %, moving instances, which take room on two hosts, ${share(doubled)} %, ` +
    `and hosts that are being emptied at least ${rest} %`
  );
}
