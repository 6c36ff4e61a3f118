/** Sessions of the workflow `vnf` in virtual time: hosts in a row, managers whose answers say more than yes and no, and what happened when. */
import type { Constraint, ConstraintKind } from '../../src/domain/constraint.ts';
import type { Session, SessionRequest } from '../../src/domain/session.ts';
import type { SessionEvent } from '../../src/domain/session-event.ts';
import { ActionsMissing, type InstanceReply } from '../../src/engine/maintenance-service.ts';
import { askedInstance, EngineBench, type Notice } from './engine-bench.ts';
import { registerGroup } from './registered-limits.ts';

/** How a project answers: silence, or something besides a plain ACK. `state` where it is none, else as asked with ACK or NACK. */
export type Answer =
  'silence' | (Partial<InstanceReply> & { readonly nack?: boolean; readonly afterSeconds?: number });

/** How long the maintenance of a host takes in these sessions, in seconds. */
export const hostSeconds = 100;

export const isAboutHost = ({ state }: Pick<Notice, 'state'>): boolean => /^(PREPARE|PLANNED)_/.test(state);

/** An event of a journal and its time. Milliseconds since 1970. */
export interface Told {
  readonly at: number;
  readonly event: SessionEvent;
}

export class VnfStage extends EngineBench {
  /** Says how a notice is answered; nothing said: agreed to at once, as it was registered. */
  answers: (notice: Notice) => Answer | undefined = () => undefined;
  /** What the engine threw at a reply. */
  readonly thrown: Error[] = [];

  override answer(notice: Notice): Promise<void> {
    if (notice.state === 'INSTANCE_ACTION_DONE') return Promise.resolve();
    const answer = this.answers(notice) ?? {};
    if (answer === 'silence') return Promise.resolve();
    const { afterSeconds = 0, ...reply } = answer;
    const give = () => void this.reply(notice, reply);
    if (afterSeconds === 0) give();
    else this.clock.at(this.clock.now() + afterSeconds * 1000, give);
    return Promise.resolve();
  }

  /** Replies to a notice now. */
  async reply(notice: Notice, { nack = false, ...reply }: Exclude<Answer, 'silence'> = {}): Promise<void> {
    if (notice.state === 'SCALE_IN' && !nack) this.#scaleIn(notice);
    const given = { state: `${nack ? 'NACK' : 'ACK'}_${notice.state}`, ...reply };
    const sessionId = String(notice.payload['session_id']);
    const instanceId = askedInstance(notice);
    const give = (more: Partial<InstanceReply> = {}) =>
      instanceId === undefined
        ? this.engine.reply(sessionId, notice.projectId, given)
        : this.engine.replyForInstance(sessionId, notice.projectId, instanceId, { ...given, ...more });
    try {
      await give();
    } catch (error) {
      this.thrown.push(error as Error);
      if (error instanceof ActionsMissing) await give({ instanceAction: 'MIGRATE' });
    }
  }

  /** Gives up what the notice says is enough. */
  #scaleIn({ payload }: Notice): void {
    const hints = payload['metadata'] as Readonly<Record<string, unknown>>;
    const helpful = (hints['scale_in_helpful'] ?? []) as readonly string[];
    for (const id of helpful.slice(0, Number(hints['scale_in_instances'] ?? 0))) this.cloud.delete(id);
  }

  /** Opens a `vnf` session whose failure policy is `fail` where nothing else is said, with the engine started. */
  async begin(change: Partial<SessionRequest> = {}): Promise<string> {
    await this.engine.start();
    return this.open({ workflow: 'vnf', ...change });
  }

  /** None of these sessions takes long: one that hangs is seen soon. */
  override finish(sessionId: string, limitSeconds = 5_000): Promise<Session> {
    return super.finish(sessionId, limitSeconds);
  }

  async play(change: Partial<SessionRequest> = {}): Promise<Session> {
    return this.finish(await this.begin(change));
  }

  /** Lets so many seconds pass. */
  async pass(seconds: number): Promise<void> {
    const until = this.clock.now() + seconds * 1000;
    this.clock.at(until, () => undefined);
    await this.clock.runUntil(() => this.clock.now() >= until);
  }

  /** An application registers a limit while a session may run. */
  async change(constraint: Constraint): Promise<void> {
    await this.constraints.put(constraint);
    await this.engine.tellOfConstraint({ type: 'constraint_registered', constraint });
  }

  async withdraw(kind: ConstraintKind, projectId: string, id: string): Promise<void> {
    await this.constraints.delete(kind, projectId, id);
    await this.engine.tellOfConstraint({ type: 'constraint_withdrawn', kind, projectId, id });
  }

  progressOf(sessionId: string, name: string): string | undefined {
    return this.engine.get(sessionId).hosts.find((host) => host.name === name)?.progress;
  }

  async untilProgress(sessionId: string, name: string, progress: string): Promise<void> {
    await this.clock.runUntil(() => this.progressOf(sessionId, name) === progress);
  }

  /** When each move began, by the cloud's record: seconds since 1970. */
  startsOf(...ids: readonly string[]): readonly number[] {
    return this.cloud.records
      .filter(({ what, subject }) => what === 'move_started' && ids.includes(subject))
      .map(({ at }) => at / 1000);
  }

  noticesFor(id: string): readonly Notice[] {
    return this.notices.filter((notice) => isAboutHost(notice) && askedInstance(notice) === id);
  }

  async told(sessionId: string): Promise<readonly Told[]> {
    return this.journal.read(sessionId);
  }
}

/**
 * A row of hosts: `compute-1` and so on carry an instance each, `app-1` of `project-1` and so on, every one in a group of its own;
 * `spare` is empty. There is room for two instances on each, or as many as is said.
 */
export async function row(
  hosts: number,
  settings: ConstructorParameters<typeof EngineBench>[0] = {},
  slots = 2,
): Promise<VnfStage> {
  const stage = new VnfStage(settings);
  stage.cloud.moveSeconds = 20;
  stage.cloud.addHost('spare', slots);
  stage.maintenanceSeconds.set('spare', hostSeconds);
  for (let n = 1; n <= hosts; n += 1) {
    stage.cloud.addHost(`compute-${n}`, slots);
    stage.maintenanceSeconds.set(`compute-${n}`, hostSeconds);
    stage.cloud.addInstance(`app-${n}`, `compute-${n}`, `project-${n}`);
    await registerGroup(stage, `group-${n}`, [`app-${n}`], { projectId: `project-${n}` });
  }
  return stage;
}

/** Who is open in the cloud. */
export function openHosts({ cloud }: EngineBench): readonly string[] {
  return [...cloud.hosts.values()].filter(({ open }) => open).map(({ name }) => name);
}
