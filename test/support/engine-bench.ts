import { pino } from 'pino';
import type { Session, SessionRequest } from '../../src/domain/session.ts';
import type { WorkflowSettings } from '../../src/domain/settings.ts';
import { MaintenanceEngine } from '../../src/engine/maintenance-engine.ts';
import type { Notification, Notifier } from '../../src/engine/ports.ts';
import { FakeDownloads } from './fake-downloads.ts';
import { FakePlugins } from './fake-plugins.ts';
import { MemoryConstraintStore } from './memory-constraint-store.ts';
import { MemoryJournal } from './memory-journal.ts';
import { ModelCloud } from './model-cloud.ts';
import { VirtualClock } from './virtual-clock.ts';

export const settings: WorkflowSettings = {
  replySeconds: {
    MAINTENANCE: 40,
    SCALE_IN: 400,
    PREPARE_MAINTENANCE: 40,
    PLANNED_MAINTENANCE: 40,
    MAINTENANCE_COMPLETE: 400,
  },
  sends: 3,
  unsubscribedProjects: 'fail',
  parallelMoves: 4,
  moveAttempts: 3,
  liveMigrationSeconds: 600,
  hostMaintenanceSeconds: 0,
};

/** How a project's manager answers a notice. Nothing returned: it stays silent. */
export type Manager = (notice: Notice, bench: EngineBench) => string | undefined;

export interface Notice {
  readonly messageId: string;
  readonly at: number;
  readonly projectId: string;
  readonly state: string;
  readonly payload: Notification['payload'];
}

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

/** The real engine in virtual time, over a cloud and managers in memory. */
export class EngineBench implements Notifier {
  readonly clock = new VirtualClock();
  readonly cloud = new ModelCloud(this.clock);
  readonly journal = new MemoryJournal();
  readonly constraints = new MemoryConstraintStore();
  readonly plugins = new FakePlugins();
  readonly downloads = new FakeDownloads();
  readonly notices: Notice[] = [];
  readonly hostNotices: { host: string; state: string; at: number }[] = [];
  readonly sessionNotices: string[] = [];
  engine: MaintenanceEngine;
  manager: Manager = obliging;
  action: 'MIGRATE' | 'LIVE_MIGRATE' | 'OWN_ACTION' = 'MIGRATE';
  /** False: replies for single instances leave the action to what is registered. */
  namesActions = true;
  unsubscribed: readonly string[] = [];
  /** While true no notification gets through. */
  brokerAway = false;
  #ids = 0;
  #started = 0;
  readonly #settings: WorkflowSettings;

  constructor(change: Partial<WorkflowSettings> = {}) {
    this.#settings = { ...settings, ...change };
    this.engine = this.#newEngine();
  }

  #newEngine(): MaintenanceEngine {
    this.#started += 1;
    return new MaintenanceEngine({
      journal: this.journal,
      clock: this.clock,
      ids: {
        sessionId: () => `session-${(this.#ids += 1)}`,
        commandId: () => `command-${(this.#ids += 1)}`,
      },
      logger: pino({ level: 'silent' }),
      commands: {
        cloud: this.cloud,
        notifier: this,
        clock: this.clock,
        plugins: this.plugins,
        downloads: this.downloads,
        constraints: this.constraints,
        limits: {
          moveSeconds: 240,
          liveMigrationSeconds: 600,
          ownActionSeconds: 240,
          cloudPatienceSeconds: 300,
          callSeconds: 30,
        },
        publicUrl: 'http://maintenance.example.net:12347',
        infrastructureProjectId: () => this.infrastructureProjectId(),
      },
      settings: this.#settings,
      lease: { owner: `engine-${this.#started}`, leaseSeconds: 6 },
      maxSessions: 3,
      keepDeletedDays: 30,
    });
  }

  /** Forgets the engine as a kill would, and starts another on the same journal; `meanwhile` happens in between. */
  async crash(meanwhile: () => Promise<void> = () => Promise.resolve()): Promise<void> {
    this.engine.stop().catch(() => undefined);
    await meanwhile();
    this.engine = this.#newEngine();
    await this.engine.start();
  }

  async open(change: Partial<SessionRequest> = {}): Promise<string> {
    const request: SessionRequest = {
      workflow: 'default',
      hosts: [],
      maintenanceAt: this.clock.now() + 30_000,
      metadata: { release: 'Epoxy' },
      ...change,
    };
    return (await this.engine.create(request)).id;
  }

  /** Runs until the session has ended, and returns it. */
  async finish(sessionId: string): Promise<Session> {
    await this.clock.runUntil(() => this.engine.get(sessionId).endedAt !== undefined);
    return this.engine.get(sessionId);
  }

  async notify(notification: Notification, signal: AbortSignal): Promise<void> {
    if (this.brokerAway) {
      await new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
      );
    }
    const { payload, messageId, at } = notification;
    const state = String(payload['state']);
    if (notification.eventType === 'maintenance.host') {
      this.hostNotices.push({ host: String(payload['host']), state, at: this.clock.now() });
    } else if (notification.eventType === 'maintenance.session') {
      this.sessionNotices.push(state);
    } else {
      const notice = { messageId, at, projectId: payload.project_id, state, payload };
      this.notices.push(notice);
      setImmediate(() => void this.answer(notice));
    }
  }

  async answer(notice: Notice): Promise<void> {
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

  subscribedProjects(projectIds: readonly string[]): Promise<readonly string[]> {
    return Promise.resolve(projectIds.filter((id) => !this.unsubscribed.includes(id)));
  }

  infrastructureProjectId(): Promise<string> {
    return Promise.resolve('admin-project');
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** The instance that the reply to a notice is for, where it is for one alone (workflow `vnf`). */
export function askedInstance({ payload }: Pick<Notice, 'payload'>): string | undefined {
  return new URL(String(payload['reply_url'])).pathname.split('/')[5];
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
