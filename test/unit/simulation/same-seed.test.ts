import { expect, it } from 'vitest';
import { simulate } from '../../../src/simulation/topology.ts';
import { drawnSession } from '../../support/drawn-session.ts';

async function record(seed: number) {
  const { topology, settings } = drawnSession(seed);
  const simulation = await simulate(topology, { settings });
  await simulation.engine.start();
  const maintenanceAt = simulation.clock.now() + 100_000;
  const id = await simulation.open({ workflow: 'vnf', maintenanceAt });
  await simulation.finish(id);
  await simulation.engine.stop();
  return { records: simulation.cloud.records, events: simulation.journal.events(id) };
}

it('the same seed gives the same session to the last event; another gives another', async () => {
  const once = await record(11);
  expect(once.records.length).toBeGreaterThan(10);
  expect(await record(11)).toEqual(once);
  expect(await record(12)).not.toEqual(once);
});
