import { describe, expect, it } from 'vitest';
import type { SessionRequest } from '../../../src/domain/session.ts';
import { hostSeconds, openHosts, row, type VnfStage } from '../../support/vnf-stage.ts';

/** Three hosts and a spare one: two rounds after the first, each of a move and a maintenance. */
const stage = () => row(3, { plannedHostSeconds: hostSeconds, plannedMoveSeconds: 20 });

const inWindow = (on: VnfStage, seconds: number, change: Partial<SessionRequest> = {}) => {
  const maintenanceAt = on.clock.now() + 30_000;
  return on.play({ maintenanceAt, windowEndsAt: maintenanceAt + seconds * 1000, ...change });
};

describe('a window', () => {
  it('that is long enough changes nothing', async () => {
    const free = await stage();
    const { endedAt = 0, request, hosts } = await free.play();
    const session = await inWindow(await stage(), (endedAt - request.maintenanceAt) / 1000);
    expect(session.failure).toBeUndefined();
    expect(session.hosts.map(({ maintenanceEndedAt }) => maintenanceEndedAt)).toEqual(
      hosts.map(({ maintenanceEndedAt }) => maintenanceEndedAt),
    );
  });

  it('that is too short for all is refused before anything is touched; it is said what would do', async () => {
    const on = await stage();
    const session = await inWindow(on, 250);
    expect(session.state).toBe('MAINTENANCE_FAILED');
    expect(session.failure).toMatch(
      /^the window of 250 s is too short: \d hosts are done in it.* s would make it feasible$/,
    );
    expect(on.cloud.records).toEqual([]);
  });

  it('that is too short, with the policy skip, has what fits done in it, and the rest left aside and open', async () => {
    const on = await stage();
    const session = await inWindow(on, 250, { failurePolicy: 'skip' });
    expect(session.state).toBe('MAINTENANCE_DONE');
    const ended = session.hosts.filter(({ progress }) => progress === 'maintained');
    expect(ended.length).toBeGreaterThanOrEqual(2);
    for (const { maintenanceEndedAt = Infinity } of ended)
      expect(maintenanceEndedAt).toBeLessThanOrEqual(session.request.windowEndsAt ?? 0);
    const aside = session.hosts.filter(({ progress }) => progress === 'skipped');
    expect(aside.length).toBe(4 - ended.length);
    for (const { skipReason } of aside) expect(skipReason).toContain('window');
    expect(openHosts(on)).toHaveLength(4);
  });

  it.each(['fail', 'skip'] as const)(
    'that closes since things take longer than was planned: with the policy %s nothing is begun any more',
    async (failurePolicy) => {
      const on = await stage();
      on.maintenanceSeconds.set('spare', 300);
      const session = await inWindow(on, 400, { failurePolicy });
      expect(session.state).toBe(failurePolicy === 'fail' ? 'MAINTENANCE_FAILED' : 'MAINTENANCE_DONE');
      const reason = session.failure ?? session.hosts.map(({ skipReason = '' }) => skipReason).join('; ');
      expect(reason).toContain('window');
      expect(session.hosts.filter(({ progress }) => progress === 'maintained').length).toBeLessThan(4);
      expect(openHosts(on)).toHaveLength(4);
    },
  );

  it('is a drift where the plan that was made for another one does not fit any more', async () => {
    const on = await stage();
    const maintenanceAt = on.clock.now() + 30_000;
    const { id } = await on.planMaker.create({ workflow: 'vnf', hosts: [], maintenanceAt, metadata: {} });
    await on.clock.runUntil(() => on.plans.kept.get(id)?.status === 'finished');
    const session = await inWindow(on, 250, { failurePolicy: 'skip', planId: id });
    expect(session.plan?.drift).toEqual([
      expect.stringMatching(/^the plan takes \d+ s, the window ends in \d+ s$/),
    ]);
  });
});
