import type { WorkflowSettings } from '../../src/domain/settings.ts';
import type { Notification } from '../../src/engine/ports.ts';
import { askedInstance, type Notice } from '../../src/simulation/notice.ts';
import { Simulation } from '../../src/simulation/simulation.ts';

export { simulationSettings as settings } from '../../src/simulation/simulation-settings.ts';
export { askedInstance, type Notice };

/** How a project's manager answers a notice. Nothing returned: it stays silent. */
export type Manager = (notice: Notice, bench: EngineBench) => string | undefined;

/** Acknowledges everything; at SCALE_IN two instances of the project go. */
export const obliging: Manager = (notice, bench) => {
  if (notice.state === 'SCALE_IN') {
    const mine = [...bench.cloud.instances.values()].filter(
      ({ projectId }) => projectId === notice.projectId,
    );
    for (const { id } of mine
      .filter(({ id: one }) => !bench.cloud.groups.some(({ members }) => members.includes(one)))
      .slice(0, 2)) {
      bench.cloud.delete(id);
    }
  }
  return `ACK_${notice.state}`;
};

/** A simulation in which one manager, up to the test, answers for all projects; the journal is as a stored one. */
export class EngineBench extends Simulation {
  manager: Manager = obliging;
  action: 'MIGRATE' | 'LIVE_MIGRATE' | 'OWN_ACTION' = 'MIGRATE';
  /** False: replies for single instances leave the action to what is registered. */
  namesActions = true;
  /** While true no notification gets through. */
  brokerAway = false;

  constructor(settings: Partial<WorkflowSettings> = {}) {
    super({ settings, throughJson: true, isFine: true });
  }

  override async notify(notification: Notification, signal: AbortSignal): Promise<void> {
    if (this.brokerAway) {
      await new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
      );
    }
    await super.notify(notification);
  }

  override async answer(notice: Notice): Promise<void> {
    if (notice.state === 'INSTANCE_ACTION_DONE') return;
    const state = this.manager(notice, this);
    if (state === undefined) return;
    const sessionId = String(notice.payload['session_id']);
    const withActions = /^ACK_(PREPARE|PLANNED)/.test(state);
    const instanceId = askedInstance(notice);
    if (instanceId !== undefined) {
      await this.engine.replyForInstance(sessionId, notice.projectId, instanceId, {
        state,
        ...(withActions && this.namesActions && { instanceAction: this.action }),
      });
      return;
    }
    const ids = this.engine.projectInstanceIds(sessionId, notice.projectId);
    await this.engine.reply(sessionId, notice.projectId, {
      state,
      ...(withActions && { instanceActions: Object.fromEntries(ids.map((id) => [id, this.action])) }),
    });
  }
}

/** Doctor's scenario: hosts of two slots, all full, an anti-affinity pair and non-redundant instances (facts 3.7). */
export function doctorScenario(bench: EngineBench, hosts = 4): void {
  bench.cloud.addHost('controller-1', 0, 'controller');
  for (let n = 1; n <= hosts; n += 1) bench.cloud.addHost(`compute-${n}`, 2);
  bench.cloud.addInstance('ha-1', 'compute-1');
  bench.cloud.addInstance('ha-2', 'compute-2');
  bench.cloud.addGroup('ha', ['ha-1', 'ha-2']);
  let count = 0;
  for (let n = 1; n <= hosts; n += 1) {
    for (let slot = n <= 2 ? 1 : 0; slot < 2; slot += 1)
      bench.cloud.addInstance(`app-${(count += 1)}`, `compute-${n}`);
  }
}
