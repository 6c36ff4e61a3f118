import { expect, it } from 'vitest';
import { Simulation } from '../../../src/simulation/simulation.ts';
import { timeline } from '../../../src/simulation/timeline.ts';

it('counts from the last ACK before anything begins; what a later session asks first is part of the work', async () => {
  const simulation = new Simulation();
  const start = simulation.clock.now();
  for (const host of ['empty', 'full']) {
    simulation.cloud.addHost(host, 2);
    simulation.maintenanceSeconds.set(host, 100);
  }
  simulation.cloud.addInstance('app', 'full');
  simulation.cloud.secondsOf.set('app', 10);
  simulation.addVnfm('project-1', { replySeconds: 5 });
  await simulation.engine.start();
  for (const host of ['empty', 'full']) {
    const maintenanceAt = simulation.clock.now();
    await simulation.finish(await simulation.open({ workflow: 'vnf', hosts: [host], maintenanceAt }));
  }
  await simulation.engine.stop();
  expect(timeline(simulation, start)).toEqual({
    // Two answers of 5 s each (to MAINTENANCE and about the instance), and the move.
    seconds: 220,
    hosts: [
      { host: 'empty', from: 0, to: 100 },
      { host: 'full', drainFrom: 110, from: 120, to: 220 },
    ],
  });
  expect(timeline(simulation, start + 40_000).seconds).toBe(180);
});
