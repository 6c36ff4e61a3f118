import type { CloudObservation, MoveBaseline, MoveResult } from '../../domain/cloud.ts';
import { CloudError, type Cloud, type HostService, type MoveRequest } from '../../engine/ports.ts';
import { answerText, refusalOf } from '../http-client/cloud-error.ts';
import type { ServiceApi } from '../http-client/service-api.ts';
import { abortMove } from './abort-move.ts';
import { servicesSchema } from './answers.ts';
import { confirmMove } from './confirm-move.ts';
import { lookUntilEnded, type LookPauses } from './looks.ts';
import { microversions } from './microversion.ts';
import { findAction, findMigration, readBaseline, saysNoValidHost } from './move-records.ts';
import { NovaApi } from './nova-api.ts';
import { observeCloud, type AllocationRatios } from './observe.ts';
import { readServers } from './read-servers.ts';
import { describeMove, lookAtMove } from './watch-move.ts';

export interface NovaCloudOptions {
  /** Nova at its version root (`computeBaseUrl`), spoken to as an admin. */
  readonly service: ServiceApi;
  /** Must be what the computes have; 1.0 each when absent. */
  readonly ratios?: Partial<AllocationRatios>;
  /** 150 ms, growing by 1.3 to 2 s when absent. */
  readonly pauses?: Partial<LookPauses>;
}

/** Nova answers the opening and closing of a host whose compute has just died only after 60 s. */
const serviceCallSeconds = 90;
/** Longer reasons are refused with 400. */
const longestReason = 255;

/** A cloud of OpenStack Nova, API v2.1 (facts 3.4). */
export class NovaCloud implements Cloud {
  readonly #nova: NovaApi;
  readonly #ratios: AllocationRatios;
  readonly #pauses: LookPauses;

  constructor({ service, ratios, pauses }: NovaCloudOptions) {
    this.#nova = new NovaApi(service);
    this.#ratios = { cpu: 1, ram: 1, disk: 1, ...ratios };
    this.#pauses = { firstMilliseconds: 150, growth: 1.3, longestMilliseconds: 2000, ...pauses };
  }

  observe(signal: AbortSignal): Promise<CloudObservation> {
    return observeCloud(this.#nova, this.#ratios, signal);
  }

  async hostNames(signal: AbortSignal): Promise<readonly string[]> {
    const { services } = await this.#nova.get('/os-services', servicesSchema, 'the list of services', signal);
    return [...new Set(services.map(({ host }) => host))];
  }

  closeHost(host: HostService, reason: string, signal: AbortSignal): Promise<void> {
    const body = { status: 'disabled', disabled_reason: reason.slice(0, longestReason) };
    return this.#updateService(host, body, 'closing', signal);
  }

  openHost(host: HostService, signal: AbortSignal): Promise<void> {
    return this.#updateService(host, { status: 'enabled' }, 'opening', signal);
  }

  moveBaseline(instanceId: string, signal: AbortSignal): Promise<MoveBaseline> {
    return readBaseline(this.#nova, instanceId, signal);
  }

  async startMove(move: MoveRequest, signal: AbortSignal): Promise<void> {
    const { instanceId, action, target } = move;
    const what = describeMove(move);
    const asked = { service: 'Nova', what, repeatable: false };
    if (target !== undefined && action === 'MIGRATE') {
      const microversion = await this.#nova.microversion(signal);
      if (microversion < microversions.targetOfColdMigration) {
        throw new CloudError('failed', `${what}: this Nova knows no target for it (2.56 is needed)`);
      }
    }
    const body =
      action === 'MIGRATE'
        ? { migrate: target === undefined ? null : { host: target } }
        : { 'os-migrateLive': { host: target ?? null, block_migration: 'auto' } };
    const path = `/servers/${encodeURIComponent(instanceId)}/action`;
    const answer = await this.#nova.call({ method: 'POST', path, body, signal }, asked);
    const text = answerText(answer.body);
    if (answer.status === 202) return;
    if (answer.status === 404) throw new CloudError('instance_gone', `${what}: ${text}`);
    if (answer.status === 400 && saysNoValidHost(text))
      throw new CloudError('no_valid_host', `${what}: ${text}`);
    if (answer.status === 409) throw conflict(what, text);
    throw refusalOf(answer, asked);
  }

  async moveWasStarted(move: MoveRequest, baseline: MoveBaseline, signal: AbortSignal): Promise<boolean> {
    const [action, migration] = await Promise.all([
      findAction(this.#nova, move, baseline, signal),
      findMigration(this.#nova, move, baseline, signal),
    ]);
    return action !== undefined || migration !== undefined;
  }

  watchMove(move: MoveRequest, baseline: MoveBaseline, signal: AbortSignal): Promise<MoveResult> {
    return lookUntilEnded(() => lookAtMove(this.#nova, move, baseline, signal), this.#pauses, signal);
  }

  abortMove(instanceId: string, signal: AbortSignal): Promise<void> {
    return abortMove(this.#nova, instanceId, signal);
  }

  confirmMove(instanceId: string, signal: AbortSignal): Promise<void> {
    return confirmMove(this.#nova, instanceId, this.#pauses, signal);
  }

  watchDeparture(host: string, instanceIds: readonly string[], signal: AbortSignal): Promise<void> {
    const look = async () => {
      const present = new Set((await readServers(this.#nova, signal, { host })).map(({ id }) => id));
      const left = instanceIds.filter((id) => present.has(id));
      return left.length === 0 ? { ended: undefined } : { progress: left.join() };
    };
    return lookUntilEnded(look, this.#pauses, signal);
  }

  async #updateService(host: HostService, body: object, verb: string, signal: AbortSignal): Promise<void> {
    const asked = { service: 'Nova', what: `${verb} host ${host.name}`, repeatable: true };
    const path = `/os-services/${encodeURIComponent(host.serviceId)}`;
    const call = { method: 'PUT', path, body, signal, answerSeconds: serviceCallSeconds } as const;
    const answer = await this.#nova.call(call, asked);
    if (answer.status !== 200) throw refusalOf(answer, asked);
  }
}

/** The conflict may pass (a task, a start, a confirmation), or not: a stopped instance cannot be moved live. */
function conflict(what: string, text: string): CloudError {
  const state = /while it is in vm_state (\w+)/.exec(text)?.[1];
  const passes = state === undefined || ['building', 'resized'].includes(state);
  return new CloudError(passes ? 'busy' : 'failed', `${what} was refused: ${text}`);
}
