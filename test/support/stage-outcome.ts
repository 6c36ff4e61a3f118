/** What holds at the end of a session that went well. */
import { expect } from 'vitest';
import type { SessionDetail } from '../../src/demo/follow-session.ts';
import type { Stage } from '../../src/demo/stage.ts';
import { expectEmptyWhileMaintained, expectHostNotices, problemsOf } from './stage-notices.ts';
import { hostsSharedBy } from './stage-records.ts';

/** The names of the instances that there are now, sorted. */
export function instanceNames({ lab }: Pick<Stage, 'lab'>): readonly string[] {
  return lab
    .servers()
    .map(({ name }) => name)
    .sort();
}

/** Holds however the instances were moved. `before` are the names of the instances that there were. */
export async function expectAllWell(
  stage: Pick<Stage, 'lab' | 'vnfm' | 'inspector'>,
  before: readonly string[],
  detail: SessionDetail,
): Promise<void> {
  const { lab } = stage;
  expect(problemsOf(stage)).toEqual([]);
  expectEmptyWhileMaintained(stage, detail);
  await expectHostNotices(stage, detail);
  expect(lab.hosts().filter(({ status }) => status !== 'enabled')).toEqual([]);
  expect(lab.servers().filter(({ status }) => status !== 'ACTIVE')).toEqual([]);
  expect(instanceNames(stage)).toEqual(before);
  expect(hostsSharedBy(lab, 'doctor_ha_app_')).toEqual([]);
  expect(detail.percent_done).toBe(100);
  expect(detail.hosts.filter(({ maintained }) => !maintained)).toEqual([]);
}
