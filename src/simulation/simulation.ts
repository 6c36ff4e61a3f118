import { pino, type Logger } from 'pino';
import type { InstanceConstraint, InstanceGroupConstraint } from '../domain/constraint.ts';
import type { Session, SessionRequest } from '../domain/session.ts';
import type { WorkflowSettings } from '../domain/settings.ts';
import type { Durations } from '../domain/workflow.ts';
import { MaintenanceEngine } from '../engine/maintenance-engine.ts';
import { pause } from '../engine/pause.ts';
import { PlanMaker } from '../engine/plan-maker.ts';
import { plannerInProcess } from '../engine/planner-in-process.ts';
import type { Notification, Notifier } from '../engine/ports.ts';
import type { CommandDeps, CommandLimits } from '../engine/run-command.ts';
import { FakeDownloads } from './fake-downloads.ts';
import { FakePlugins } from './fake-plugins.ts';
import { MemoryConstraintStore } from './memory-constraint-store.ts';
import { MemoryJournal } from './memory-journal.ts';
import { MemoryPlanStore } from './memory-plan-store.ts';
import { ModelCloud } from './model-cloud.ts';
import { ModelVnfm, type VnfmBehaviour } from './model-vnfm.ts';
import type { GivenReply, HostNotice, Notice } from './notice.ts';
import { simulationLimits, simulationSettings } from './simulation-settings.ts';
import { VirtualClock } from './virtual-clock.ts';

export interface SimulationOptions {
  readonly settings?: Partial<WorkflowSettings>;
  readonly limits?: Partial<CommandLimits>;
  /** What is known beforehand of how long things last. */
  readonly knownDurations?: Partial<Durations>;
  /** How long a lease lasts: it is renewed three times in its life, so a short one makes long simulations slower. */
  readonly leaseSeconds?: number;
  /** The journal is passed through JSON, as a stored one is. */
  readonly throughJson?: boolean;
  /** Everything happens one after the other, also what happens at one moment: see `VirtualClock`. */
  readonly isFine?: boolean;
  readonly logger?: Logger;
}

/** The plug-in that a host's maintenance takes its time with: see `Simulation.maintenanceSeconds`. */
const maintenancePlugin = 'maintenance';

/** The real engine in virtual time, over a cloud and managers of projects in memory. */
export class Simulation implements Notifier {
  readonly clock: VirtualClock;
  readonly cloud: ModelCloud;
  readonly constraints = new MemoryConstraintStore();
  readonly plans = new MemoryPlanStore();
  readonly plugins = new FakePlugins();
  readonly downloads = new FakeDownloads();
  readonly journal: MemoryJournal;
  /** Everything that projects were told. */
  readonly notices: Notice[] = [];
  /** Everything that the infrastructure was told of hosts. */
  readonly hostNotices: HostNotice[] = [];
  readonly sessionNotices: string[] = [];
  /** Everything that the managers replied. */
  readonly replies: GivenReply[] = [];
  /** Why the server did not take a reply. */
  readonly refusedReplies: string[] = [];
  /** By project; one without a manager stays silent. */
  readonly vnfms = new Map<string, ModelVnfm>();
  /** How long the maintenance of a host takes, by its name; others take none. Sessions have to be opened with `open`. */
  readonly maintenanceSeconds = new Map<string, number>();
  unsubscribed: readonly string[] = [];
  engine: MaintenanceEngine;
  /** Plans sessions before there are any. */
  planMaker: PlanMaker;
  readonly #options: SimulationOptions;
  #ids = 0;
  #started = 0;

  constructor(options: SimulationOptions = {}) {
    this.#options = options;
    this.clock = new VirtualClock({ isFine: options.isFine === true });
    this.cloud = new ModelCloud(this.clock);
    this.journal = new MemoryJournal({ throughJson: options.throughJson === true });
    this.plugins.play = ({ host }, _report, signal) =>
      pause(this.clock, (this.maintenanceSeconds.get(host) ?? 0) * 1000, signal);
    this.engine = this.#newEngine();
    this.planMaker = this.#newPlanMaker();
  }

  #newEngine(): MaintenanceEngine {
    this.#started += 1;
    const { knownDurations, leaseSeconds = 6 } = this.#options;
    return new MaintenanceEngine({
      ...this.#commonDeps(),
      journal: this.journal,
      clock: this.clock,
      ...(knownDurations !== undefined && { knownDurations }),
      lease: { owner: `engine-${this.#started}`, leaseSeconds },
      maxSessions: 3,
      keepDeletedDays: 30,
    });
  }

  #newPlanMaker(): PlanMaker {
    return new PlanMaker({ ...this.#commonDeps(), durations: () => this.engine.durations(), maxKept: 3 });
  }

  #commonDeps() {
    const { settings, logger = pino({ level: 'silent' }) } = this.#options;
    return {
      ids: {
        sessionId: () => `session-${(this.#ids += 1)}`,
        commandId: () => `command-${(this.#ids += 1)}`,
      },
      logger,
      commands: this.#commands(),
      settings: { ...simulationSettings, ...settings },
    };
  }

  #commands(): CommandDeps {
    return {
      cloud: this.cloud,
      notifier: this,
      clock: this.clock,
      plugins: this.plugins,
      downloads: this.downloads,
      constraints: this.constraints,
      planner: plannerInProcess,
      plans: this.plans,
      limits: { ...simulationLimits, ...this.#options.limits },
      publicUrl: 'http://maintenance.example.net:12347',
      infrastructureProjectId: () => this.infrastructureProjectId(),
    };
  }

  /** Forgets the engine as a kill would, and starts another on the same journal; `meanwhile` happens in between. */
  async crash(meanwhile: () => Promise<void> = () => Promise.resolve()): Promise<void> {
    this.engine.stop().catch(() => undefined);
    this.planMaker.stop().catch(() => undefined);
    await meanwhile();
    this.engine = this.#newEngine();
    this.planMaker = this.#newPlanMaker();
    await this.engine.start();
    await this.planMaker.start();
  }

  addVnfm(projectId: string, behaviour: VnfmBehaviour): void {
    this.vnfms.set(projectId, new ModelVnfm(this, projectId, behaviour));
  }

  /** Registers constraints, as applications do. */
  async register(...constraints: readonly (InstanceConstraint | InstanceGroupConstraint)[]): Promise<void> {
    for (const constraint of constraints) await this.constraints.put(constraint);
  }

  /** Opens a session, of the workflow `default` over all hosts where nothing else is said. Returns its id. */
  async open(change: Partial<SessionRequest> = {}): Promise<string> {
    const request: SessionRequest = {
      workflow: 'default',
      hosts: [],
      maintenanceAt: this.clock.now() + 30_000,
      metadata: { release: 'Epoxy' },
      ...(this.maintenanceSeconds.size > 0 && {
        actions: [{ plugin: maintenancePlugin, type: 'host', metadata: {} }],
      }),
      ...change,
    };
    return (await this.engine.create(request)).id;
  }

  /** Runs until the session has ended, and returns it. */
  async finish(sessionId: string, limitSeconds?: number): Promise<Session> {
    await this.clock.runUntil(() => this.engine.get(sessionId).endedAt !== undefined, limitSeconds);
    return this.engine.get(sessionId);
  }

  notify({ eventType, messageId, at, payload }: Notification, _signal?: AbortSignal): Promise<void> {
    const state = String(payload['state']);
    if (eventType === 'maintenance.host') {
      this.hostNotices.push({ host: String(payload['host']), state, at: this.clock.now() });
    } else if (eventType === 'maintenance.session') {
      this.sessionNotices.push(state);
    } else {
      const notice = { messageId, at, projectId: payload.project_id, state, payload };
      this.notices.push(notice);
      // Whoever is told answers only when this call is over.
      this.clock.at(this.clock.now(), () => void this.answer(notice));
    }
    return Promise.resolve();
  }

  /** What a project does when it is told something. */
  async answer(notice: Notice): Promise<void> {
    this.vnfms.get(notice.projectId)?.hear(notice);
    return Promise.resolve();
  }

  /** Writes a reply down and gives it; the server may not take it, for the session may be over. */
  async giveReply(reply: Omit<GivenReply, 'at'>, give: () => Promise<void>): Promise<void> {
    const at = this.clock.now();
    try {
      await give();
      this.replies.push({ at, ...reply });
    } catch (error) {
      this.refusedReplies.push(`${reply.state} of ${reply.projectId}: ${String(error)}`);
    }
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
