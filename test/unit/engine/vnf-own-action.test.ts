/** Instances that leave by what their application does itself (workflow `vnf`; docs/decisions/0010). */
import { describe, expect, it } from 'vitest';
import { ActionNotOffered } from '../../../src/engine/maintenance-service.ts';
import { simulationLimits } from '../../../src/simulation/simulation-settings.ts';
import { askedInstance, EngineBench, obliging } from '../../support/engine-bench.ts';
import {
  crowded,
  ids,
  impacts,
  mostImpacted,
  playVnf,
  registerGroup,
  registerInstance,
} from '../../support/registered-limits.ts';
import { isAboutHost, row } from '../../support/vnf-stage.ts';

describe('OWN_ACTION', () => {
  it('takes a slot from the ACK to the departure', async () => {
    const bench = crowded(2);
    await registerGroup(bench, 'group', ids(2), { recoverySeconds: 20 });
    await registerInstance(bench, 'app-1', 'group', { migrationType: 'OWN_ACTION' });
    bench.namesActions = false;
    let left = 0;
    bench.manager = (notice, self) => {
      const [id] = notice.payload['instance_ids'] as readonly string[];
      if (isAboutHost(notice) && id === 'app-1') {
        self.clock.at(self.clock.now() + 100_000, () => {
          left = self.clock.now();
          self.cloud.delete('app-1');
        });
      }
      return obliging(notice, self);
    };
    await registerGroup(bench, 'theirs', ['other'], { projectId: 'project-2' });
    expect((await playVnf(bench)).failure).toBeUndefined();
    const [move] = impacts(bench).filter(({ id }) => id === 'app-2');
    const asked = bench.notices.find((notice) => isAboutHost(notice) && askedInstance(notice) === 'app-1');
    // One after the other, whichever comes first; the own action from its notice on.
    const isAfter = move !== undefined && move.from >= left + 20_000;
    const isBefore = move !== undefined && asked !== undefined && move.to + 20_000 <= asked.at;
    expect([isAfter, isBefore]).toContain(true);
    expect(left).toBeGreaterThan(0);
  });

  it('of a whole group ends, though its members left at once', async () => {
    const bench = crowded(3);
    await registerGroup(bench, 'group', ids(3), { recoverySeconds: 20 });
    for (const id of ids(3)) {
      await registerInstance(bench, id, 'group', { migrationType: 'OWN_ACTION', resourceMitigation: false });
    }
    await registerGroup(bench, 'theirs', ['other'], { projectId: 'project-2' });
    bench.namesActions = false;
    bench.manager = (notice, self) => {
      const [id] = notice.payload['instance_ids'] as readonly string[];
      if (isAboutHost(notice) && id !== undefined) self.cloud.delete(id);
      return obliging(notice, self);
    };
    expect((await playVnf(bench)).failure).toBeUndefined();
  });

  /** `app-1` is to leave by its own action, and does not in time; it `acts` so many seconds after that. */
  async function playOverdue(acts: (bench: EngineBench) => void, seconds: number) {
    const bench = new EngineBench({ hostMaintenanceSeconds: 600 });
    // Room for one host at a time.
    for (const n of [1, 2, 3, 4]) bench.cloud.addHost(`compute-${n}`, 1);
    for (const n of [1, 2]) bench.cloud.addInstance(`app-${n}`, `compute-${n}`);
    bench.cloud.addInstance('other', 'compute-4', 'project-2');
    await registerGroup(bench, 'group', ids(2), { recoverySeconds: 200 });
    await registerInstance(bench, 'app-1', 'group', { migrationType: 'OWN_ACTION' });
    await registerGroup(bench, 'theirs', ['other'], { projectId: 'project-2' });
    bench.namesActions = false;
    let actedAt = Infinity;
    bench.manager = (notice, self) => {
      if (isAboutHost(notice) && askedInstance(notice) === 'app-1') {
        self.clock.at(self.clock.now() + (simulationLimits.ownActionSeconds + seconds) * 1000, () => {
          actedAt = self.clock.now();
          acts(self);
        });
      }
      return obliging(notice, self);
    };
    await bench.engine.start();
    const session = await bench.finish(await bench.open({ workflow: 'vnf', failurePolicy: 'skip' }));
    expect(session.hosts.find(({ name }) => name === 'compute-1')?.skipReason).toMatch(
      /own action did not end/,
    );
    const [move] = impacts(bench).filter(({ id }) => id === 'app-2');
    return { bench, session, move, actedAt: () => actedAt };
  }

  it.each<readonly [how: string, acts: (bench: EngineBench) => void]>([
    ['was deleted', ({ cloud }) => cloud.delete('app-1')],
    [
      'is on another host',
      ({ cloud }) => {
        cloud.addHost('compute-5', 1);
        expect(cloud.takeAway('app-1')).toBe(true);
      },
    ],
  ])(
    'that does not come in time keeps its slot until the instance %s and has recovered',
    async (_how, acts) => {
      const { bench, move, actedAt } = await playOverdue(acts, 100);
      expect(move?.from).toBeGreaterThanOrEqual(actedAt() + 200_000);
      expect(mostImpacted(bench, ids(2), 200)).toBe(1);
    },
  );

  it('that never comes keeps its slot: hosts of its group are left aside, and the reason names it', async () => {
    const { session, move } = await playOverdue(() => undefined, 0);
    expect(move).toBeUndefined();
    expect(session.hosts.map(({ progress }) => progress)).toEqual([
      'skipped',
      'skipped',
      'maintained',
      'maintained',
    ]);
    expect(session.hosts[1]?.skipReason).toMatch(
      /instance app-2 .* may not be moved: group .* app-1 \(app-1\) did not leave by its own action in time, and may do so yet/,
    );
  });

  it('is refused when the time to reply is over: no slot is held for it any more', async () => {
    const stage = await row(2, { sends: 1 });
    stage.answers = (notice) =>
      askedInstance(notice) === 'app-2' && isAboutHost(notice)
        ? { afterSeconds: 60, instanceAction: 'OWN_ACTION' }
        : undefined;
    const session = await stage.play({ failurePolicy: 'skip' });
    expect(session.hosts.find(({ name }) => name === 'compute-2')?.skipReason).toMatch(/did not reply/);
    expect(stage.thrown).toEqual([expect.any(ActionNotOffered)]);
  });

  it('that never came is forgotten when the session is continued: everybody is asked anew', async () => {
    const bench = crowded(1);
    bench.cloud.addInstance('app-2', 'compute-2');
    await registerGroup(bench, 'group', ids(2));
    await registerInstance(bench, 'app-1', 'group', { migrationType: 'OWN_ACTION' });
    await registerGroup(bench, 'theirs', ['other'], { projectId: 'project-2' });
    bench.namesActions = false;
    await bench.engine.start();
    const sessionId = await bench.open({ workflow: 'vnf' });
    expect((await bench.finish(sessionId)).failure).toMatch(/app-1 .* own action did not end/);
    await registerInstance(bench, 'app-1', 'group');
    await bench.engine.continue(sessionId);
    expect((await bench.finish(sessionId)).failure).toBeUndefined();
    expect(impacts(bench).map(({ id }) => id)).toEqual(expect.arrayContaining(ids(2)));
  });
});
