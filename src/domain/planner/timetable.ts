/**
 * When moves happen: the budgets of the groups over time, the migration streams, the lead times. A member is impacted
 * from the begin of its operation until its recovery is over; one that leaves by its own action from its notice on,
 * because where it begins cannot be seen (facts feat03, issue 4).
 */
import { Calendar } from './calendar.ts';
import type { CampaignInstance } from './campaign.ts';
import type { IndexedCampaign } from './index-campaign.ts';

export interface TimedMove {
  readonly instance: number;
  readonly noticeAt: number;
  readonly startsAt: number;
  readonly endsAt: number;
  readonly recoveredAt: number;
}

/** How a host is emptied. `emptyAt` is Infinity where one of its instances can never begin; `moves` holds the others. */
export interface TimedDrain {
  readonly emptyAt: number;
  readonly moves: readonly TimedMove[];
}

/** The instances that leave one host. */
export interface Leaving {
  readonly host: number;
  readonly instances: readonly number[];
  /** By their places: when the host they go to takes instances. */
  readonly targetOpensAt: (place: number) => number;
}

/** What one move depends on besides itself. */
interface Circumstances {
  /** When its host has a stream. */
  readonly free: number;
  readonly targetOpensAt: number;
  /** When its host was admitted. */
  readonly admittedAt: number;
  readonly withStreams: boolean;
}

export class Timetable {
  readonly #index: IndexedCampaign;
  readonly #budgets: readonly Calendar[];
  /** All streams together; undefined where they never bind. */
  readonly #streams: Calendar | undefined;
  /** Per host when its streams end that are in use at the beginning. */
  readonly #underWay: number[][];
  /** Per instance until when it is impacted by what was before; that takes a slot, but not from itself. */
  readonly #impactedUntil: Float64Array;

  constructor(index: IndexedCampaign) {
    const { campaign, at, group } = index;
    const { perHost, total } = campaign.streams;
    this.#index = index;
    this.#budgets = campaign.groups.map(() => new Calendar());
    this.#streams = total < perHost * campaign.hosts.length ? new Calendar() : undefined;
    this.#underWay = campaign.hosts.map(() => []);
    this.#impactedUntil = new Float64Array(campaign.instances.length);
    campaign.instances.forEach((instance, number) => {
      const recovery = campaign.groups[group[number] ?? -1]?.recoverySeconds ?? 0;
      const budget = this.#budgets[group[number] ?? -1];
      const moved = instance.isMoving ? instance.moveSeconds + recovery : 0;
      const until = Math.max(instance.impactedSeconds, moved);
      this.#impactedUntil[number] = until;
      budget?.take(0, until);
      if (!instance.isMoving) return;
      if (instance.action === 'OWN_ACTION') return;
      this.#streams?.take(0, instance.moveSeconds);
      this.#underWay[at[number] ?? -1]?.push(instance.moveSeconds);
    });
  }

  /**
   * How a host would be emptied from `from` on: each time the move that can begin first, of those the one whose group
   * has fewest slots. The limit on all streams together is left out where many hosts are only being compared.
   */
  forecast(leaving: Leaving, from: number, withStreams: boolean): TimedDrain {
    const drain = this.#drain(leaving, from, withStreams);
    for (const move of drain.moves) this.#change(move, 'giveBack', withStreams);
    return drain;
  }

  /** The same, for good: budgets and streams are taken. */
  book(leaving: Leaving, from: number): TimedDrain {
    return this.#drain(leaving, from, true);
  }

  /** Nothing will be asked about the time before. */
  forget(before: number): void {
    for (const budget of this.#budgets) budget.forget(before);
    this.#streams?.forget(before);
  }

  /** Can this move ever begin, as far as its group goes? */
  canEverBegin(instance: number): boolean {
    return (
      this.#earliest(instance, { free: 0, targetOpensAt: 0, admittedAt: 0, withStreams: false }).startsAt <
      Infinity
    );
  }

  #drain({ host, instances, targetOpensAt }: Leaving, from: number, withStreams: boolean): TimedDrain {
    const { campaign, group, at } = this.#index;
    const streams = [...(this.#underWay[host] ?? []).filter((end) => end > from)];
    while (streams.length < Math.max(1, campaign.streams.perHost)) streams.push(from);
    const open = new Set<number>();
    const opensAt = new Map<number, number>();
    let emptyAt = from;
    for (const [place, number] of instances.entries()) {
      opensAt.set(number, targetOpensAt(place));
      const instance = campaign.instances[number];
      if (instance?.isMoving === true && at[number] === host)
        emptyAt = Math.max(emptyAt, instance.moveSeconds);
      else open.add(number);
    }
    const moves: TimedMove[] = [];
    const known = new Map<number, TimedMove>();
    while (open.size > 0) {
      const free = Math.min(...streams);
      let best: TimedMove | undefined;
      for (const number of open) {
        // What was found for a later begin than the stream's still holds, unless its group was drawn on since.
        let move = known.get(number);
        if (move === undefined || move.startsAt < free) {
          const opening = opensAt.get(number) ?? 0;
          move = this.#earliest(number, { free, targetOpensAt: opening, admittedAt: from, withStreams });
          known.set(number, move);
        }
        if (best === undefined || this.#isBefore(move, best)) best = move;
      }
      if (best === undefined) break;
      if (best.startsAt === Infinity) return { emptyAt: Infinity, moves };
      const { instance, endsAt } = best;
      open.delete(instance);
      moves.push(best);
      this.#change(best, 'take', withStreams);
      emptyAt = Math.max(emptyAt, endsAt);
      if (!this.#leavesByItself(instance)) streams[streams.indexOf(free)] = endsAt;
      for (const number of open) if (group[number] === group[instance]) known.delete(number);
      if (withStreams && this.#streams !== undefined) known.clear();
    }
    return { emptyAt, moves };
  }

  #change(move: TimedMove, how: 'take' | 'giveBack', withStreams: boolean): void {
    const leavesByItself = this.#leavesByItself(move.instance);
    const budget = this.#budgets[this.#index.group[move.instance] ?? -1];
    const from = leavesByItself ? move.noticeAt : move.startsAt;
    budget?.[how](Math.max(from, this.#impactedUntil[move.instance] ?? 0), move.recoveredAt);
    if (withStreams && !leavesByItself) this.#streams?.[how](move.startsAt, move.endsAt);
  }

  #leavesByItself(instance: number): boolean {
    return this.#index.campaign.instances[instance]?.action === 'OWN_ACTION';
  }

  #isBefore(one: TimedMove, other: TimedMove): boolean {
    if (one.startsAt !== other.startsAt) return one.startsAt < other.startsAt;
    const { campaign, group } = this.#index;
    const slots = (move: TimedMove) => campaign.groups[group[move.instance] ?? -1]?.slots ?? Infinity;
    if (slots(one) !== slots(other)) return slots(one) < slots(other);
    return one.endsAt - one.startsAt > other.endsAt - other.startsAt;
  }

  #earliest(number: number, { free, targetOpensAt, admittedAt, withStreams }: Circumstances): TimedMove {
    const { campaign, group: groups } = this.#index;
    const instance = campaign.instances[number];
    if (instance === undefined) throw new RangeError(`instance number ${number} is not part of the campaign`);
    const group = campaign.groups[groups[number] ?? -1];
    const budget = this.#budgets[groups[number] ?? -1];
    const slots = group?.slots ?? Infinity;
    const recovery = group?.recoverySeconds ?? 0;
    const leavesByItself = instance.action === 'OWN_ACTION';
    const ahead = leavesByItself ? instance.leadSeconds : 0;
    const length = ahead + instance.moveSeconds + recovery;
    const own = this.#impactedUntil[number] ?? 0;
    const streams = withStreams && !leavesByItself ? this.#streams : undefined;
    // Notices may be sent from the beginning on, but no budget is taken before the host is admitted.
    let begin = leavesByItself ? admittedAt : Math.max(free, targetOpensAt, instance.leadSeconds);
    for (let last = -1; begin !== last && begin < Infinity;) {
      last = begin;
      if (budget !== undefined) begin = budget.earliest(begin, length, slots, own);
      if (streams !== undefined)
        begin = streams.earliest(begin, instance.moveSeconds, campaign.streams.total);
    }
    return timed(number, instance, begin, ahead, recovery);
  }
}

function timed(
  instance: number,
  { leadSeconds, moveSeconds, action }: CampaignInstance,
  begin: number,
  ahead: number,
  recovery: number,
): TimedMove {
  const startsAt = begin + ahead;
  const noticeAt = action === 'OWN_ACTION' ? begin : Math.max(0, startsAt - leadSeconds);
  const endsAt = startsAt + moveSeconds;
  return { instance, noticeAt, startsAt, endsAt, recoveredAt: endsAt + recovery };
}
