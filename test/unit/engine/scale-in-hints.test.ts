import { describe, expect, it } from 'vitest';
import { pythonStr } from '../../../src/domain/python-repr.ts';
import { doctorScenario, EngineBench } from '../../support/engine-bench.ts';

/** What the project was told with SCALE_IN, where the admin passes this on. */
async function hintsBeside(metadata: Readonly<Record<string, unknown>>) {
  const bench = new EngineBench();
  doctorScenario(bench);
  await bench.engine.start();
  await bench.finish(await bench.open({ workflow: 'vnf', metadata }));
  const notice = bench.notices.find(({ state }) => state === 'SCALE_IN');
  return notice?.payload['metadata'] as Readonly<Record<string, unknown>>;
}

describe('the hints of SCALE_IN', () => {
  it('say how many instances would be enough, and which help most, and no more than Ceilometer lets through', async () => {
    const hints = await hintsBeside({ openstack_version: 'Epoxy' });
    expect(hints).toMatchObject({ openstack_version: 'Epoxy', scale_in_instances: 2 });
    expect((hints['scale_in_helpful'] as readonly string[]).length).toBeGreaterThanOrEqual(2);
    expect(pythonStr(hints).length).toBeLessThanOrEqual(255);
  });

  it('leave out which, then how many, where the admin passes on so much', async () => {
    const few = { note: 'x'.repeat(215) };
    expect(await hintsBeside(few)).toEqual({ ...few, scale_in_instances: 2 });
    const none = { note: 'x'.repeat(240) };
    expect(await hintsBeside(none)).toEqual(none);
  });
});
