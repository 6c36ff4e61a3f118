/** What VNFM and inspector heard of a session that went well, held against what the lab's records say was done. */
import { expect } from 'vitest';
import type { SessionDetail } from '../../src/demo/follow-session.ts';
import type { Stage } from '../../src/demo/stage.ts';
import type { InspectorEvent } from '../../src/inspector/inspector.ts';
import type { VnfmEvent } from '../../src/vnfm/vnfm-event.ts';
import { boundDuring, movesOf } from './stage-records.ts';
import { eventually } from './stage.ts';

type Received = Extract<VnfmEvent, { kind: 'received' }>;
type HostHeard = Extract<InspectorEvent, { kind: 'received' }>;

export function heardBy({ vnfm }: Pick<Stage, 'vnfm'>): readonly Received[] {
  return vnfm.log.filter((event): event is Received => event.kind === 'received');
}

export function heardOfHosts({ inspector }: Pick<Stage, 'inspector'>): readonly HostHeard[] {
  return inspector.log.filter((event): event is HostHeard => event.kind === 'received');
}

/** The states of the questions to the VNFM, in the order in which they came first. */
export function questionsTo(stage: Pick<Stage, 'vnfm'>): readonly string[] {
  return heardBy(stage)
    .filter(({ state, repeated }) => state !== 'INSTANCE_ACTION_DONE' && !repeated)
    .map(({ state }) => state);
}

export function repliesOf({ vnfm }: Pick<Stage, 'vnfm'>): readonly string[] {
  return vnfm.log.flatMap((event) => (event.kind === 'replied' ? [event.state] : []));
}

export function problemsOf({ vnfm, inspector }: Pick<Stage, 'vnfm' | 'inspector'>): readonly string[] {
  return [...vnfm.log, ...inspector.log].flatMap((event) =>
    event.kind === 'problem' ? [event.message] : [],
  );
}

/**
 * The inspector hears of each host twice: before its maintenance and after it, one host after the other unless the workflow
 * works on several at once.
 */
export async function expectHostNotices(
  stage: Pick<Stage, 'inspector'>,
  detail: SessionDetail,
): Promise<void> {
  const heard = () => heardOfHosts(stage).filter(({ repeated }) => !repeated);
  await eventually(() => expect(heard().length).toBeGreaterThanOrEqual(2 * detail.hosts.length));
  const order = [...detail.hosts].sort((a, b) =>
    String(a.maintenance_started_at).localeCompare(String(b.maintenance_started_at)),
  );
  const sideBySide = detail.session.workflow === 'vnf';
  const inOrder = sideBySide
    ? order.flatMap(({ hostname }) => heard().filter(({ host }) => host === hostname))
    : heard();
  expect(heard()).toHaveLength(2 * order.length);
  expect(inOrder.map(({ host, state }) => [host, state])).toEqual(
    order.flatMap(({ hostname }) => [
      [hostname, 'IN_MAINTENANCE'],
      [hostname, 'MAINTENANCE_COMPLETE'],
    ]),
  );
  expect(stage.inspector.ignoredHosts).toEqual([]);
}

/**
 * Every notification arrived and none twice: one question for each host that was emptied, one message for each move.
 */
export async function expectEachNoticeOnce(stage: Pick<Stage, 'vnfm' | 'inspector' | 'lab'>): Promise<void> {
  const moves = movesOf(stage.lab);
  const heard = heardBy(stage);
  const told = () =>
    heardBy(stage)
      .filter(({ state }) => state === 'INSTANCE_ACTION_DONE')
      .flatMap(({ instanceIds }) => instanceIds);
  await eventually(() => expect(told().sort()).toEqual(moves.map(({ serverId }) => serverId).sort()));
  expect(new Set(heard.map(({ messageId }) => messageId)).size).toBe(heard.length);
  expect([...heard, ...heardOfHosts(stage)].filter(({ repeated }) => repeated)).toEqual([]);
  const count = (state: string) => questionsTo(stage).filter((one) => one === state).length;
  expect(count('MAINTENANCE')).toBe(1);
  expect(count('MAINTENANCE_COMPLETE')).toBe(1);
  expect(count('PREPARE_MAINTENANCE')).toBeLessThanOrEqual(1);
  expect(repliesOf(stage)).toEqual(questionsTo(stage).map((state) => `ACK_${state}`));
  if (moves.length > 0) {
    expect(count('PREPARE_MAINTENANCE') + count('PLANNED_MAINTENANCE')).toBe(
      new Set(moves.map(({ from }) => from)).size,
    );
  }
}

/** No server was on a host, on its way to it, or not yet confirmed to have left it, while it was being maintained. */
export function expectEmptyWhileMaintained({ lab }: Pick<Stage, 'lab'>, detail: SessionDetail): void {
  for (const { hostname, maintenance_started_at: from, maintenance_ended_at: to } of detail.hosts) {
    expect({ hostname, bound: boundDuring(lab, hostname, milliseconds(from), milliseconds(to)) }).toEqual({
      hostname,
      bound: [],
    });
  }
}

/** The same, by the times at which the inspector heard of it. */
export function expectEmptyBetweenNotices(stage: Pick<Stage, 'lab' | 'inspector'>): void {
  const begun = new Map<string, number>();
  for (const { host, state, at } of heardOfHosts(stage)) {
    if (state === 'IN_MAINTENANCE') begun.set(host, Date.parse(at));
    else
      expect({ host, bound: boundDuring(stage.lab, host, begun.get(host) ?? NaN, Date.parse(at)) }).toEqual({
        host,
        bound: [],
      });
  }
}

/** Milliseconds of a time of the API, which is in UTC and does not say so. */
export function milliseconds(time: string | null): number {
  if (time === null) throw new Error('there is no time');
  return Date.parse(`${time}Z`);
}
