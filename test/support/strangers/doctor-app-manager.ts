/**
 * Doctor's application managers, call by call: the sample (workflow `default`) and `vnfm.py` (workflow `vnf`). What they
 * do the same way is here: login as the admin's user in the application's project, alarms, scaling, replies.
 */
import type { Lab } from '../../../src/lab/lab.ts';
import type { AtEnd } from '../stage.ts';
import { heatAlarm, listenAsTarget, type AlarmTarget } from './alarm-target.ts';
import { call, jsonOf, type Answer } from './call.ts';
import { decodeTraits, type DoctorPayload } from './doctor-traits.ts';
import { jsonHeaders, scaleServers, serversOf, tokenOf } from './keystone.ts';

export interface DoctorReply {
  readonly state: string;
  readonly answer: Answer;
}

/** What its handler adds to a reply; the state that it acknowledges is the one that it was told. */
export type ReplyFields = Record<string, unknown>;

export interface DoctorManager extends AlarmTarget {
  /** The states that it was told, in order. */
  readonly states: readonly string[];
  /** Payloads as it decoded them. */
  readonly payloads: readonly DoctorPayload[];
  /** Its replies and what the server answered. It never looks at that. */
  readonly replies: readonly DoctorReply[];
}

/** What the two managers have in hand when a payload comes in. */
export interface DoctorHands {
  readonly lab: Lab;
  readonly token: () => Promise<string>;
  /** GET of the URL in `instance_ids`; the sample sends a JSON body with it. Raises unless it is 200. */
  readonly instanceIds: (payload: DoctorPayload, data?: string) => Promise<readonly string[]>;
  readonly scale: (by: number) => Promise<void>;
  readonly count: () => Promise<number>;
}

export interface DoctorOptions {
  /** The sample keeps the token of its start; `vnfm.py` gets one before each reply. */
  readonly renewsToken: boolean;
  /** Without Fenix it sends no token. */
  readonly sendsToken?: boolean;
  readonly handle: (payload: DoctorPayload, hands: DoctorHands) => Promise<ReplyFields | undefined>;
}

export const nonHaPrefix = 'doctor_nonha_app_';

/** Starts a manager and its alarm, as Doctor's Heat template creates it. */
export async function startDoctorManager(
  atEnd: AtEnd,
  { lab, url }: { readonly lab: Lab; readonly url: string },
  { renewsToken, sendsToken = true, handle }: DoctorOptions,
): Promise<DoctorManager> {
  const states: string[] = [];
  const payloads: DoctorPayload[] = [];
  const replies: DoctorReply[] = [];
  const first = await tokenOf(lab, 'doctor', 'doctor');
  const token = () => (renewsToken ? tokenOf(lab, 'doctor', 'doctor') : Promise.resolve(first));
  const headers = async () => ({ ...jsonHeaders, ...(sendsToken && { 'X-Auth-Token': await token() }) });
  const hands: DoctorHands = {
    lab,
    token,
    instanceIds: async (payload, data) => {
      const answer = await call({
        method: 'GET',
        url: String(payload['instance_ids']),
        headers: await headers(),
        ...(data !== undefined && { data }),
      });
      if (answer.status !== 200) throw new Error(answer.text);
      return (jsonOf(answer) as { instance_ids: string[] }).instance_ids;
    },
    scale: async (by) => {
      await scaleServers(lab, first, { prefix: nonHaPrefix, by });
    },
    count: async () => (await serversOf(lab, first)).length,
  };
  const target = await listenAsTarget(atEnd, '/maintenance', async (body) => {
    const payload = decodeTraits(body);
    const state = String(payload['state']);
    payloads.push(payload);
    states.push(state);
    const fields = await handle(payload, hands);
    if (fields === undefined) return;
    const reply = {
      ...fields,
      session_id: payload['session_id'],
      state: `ACK_${state}`,
      ...override(fields),
    };
    const answer = await call({
      method: 'PUT',
      url: String(payload['reply_url']),
      headers: await headers(),
      data: JSON.stringify(reply),
    });
    replies.push({ state: reply.state, answer });
  });
  const created = await call({
    method: 'POST',
    url: `${url}/v2/alarms`,
    headers: { ...jsonHeaders, 'X-Auth-Token': first },
    data: heatAlarm('maintenance.scheduled', target.url, sendsToken ? undefined : lab.projects['doctor']?.id),
  });
  if (created.status !== 201) throw new Error(created.text);
  return { ...target, states, payloads, replies };
}

/** `vnfm.py` refuses where it is told of an instance that is not its own. */
function override(fields: ReplyFields): { readonly state?: string } {
  return typeof fields['state'] === 'string' ? { state: fields['state'] } : {};
}

/** Both raise where they may not migrate. */
export function requireMigrate(payload: DoctorPayload): void {
  const allowed = payload['allowed_actions'];
  if (!Array.isArray(allowed) || !allowed.includes('MIGRATE')) throw new Error('MIGRATE not supported');
}

/** What the sample answers (workflow `default`): it takes two instances away where it is asked to, and always migrates. */
async function sampleHandler(payload: DoctorPayload, hands: DoctorHands): Promise<ReplyFields | undefined> {
  const body = JSON.stringify({ session_id: payload['session_id'] });
  switch (payload['state']) {
    case 'MAINTENANCE':
      return { instance_ids: await hands.instanceIds(payload, body) };
    case 'SCALE_IN':
      await hands.scale(-2);
      return { instance_ids: (await serversOf(hands.lab, await hands.token())).map(({ id }) => id) };
    case 'PREPARE_MAINTENANCE':
    case 'PLANNED_MAINTENANCE': {
      requireMigrate(payload);
      const ids = await hands.instanceIds(payload, body);
      return { instance_actions: Object.fromEntries(ids.map((id) => [id, 'MIGRATE'])) };
    }
    case 'INSTANCE_ACTION_DONE':
      return undefined;
    default:
      throw new Error(`received event with unknown state ${String(payload['state'])}`);
  }
}

/** The same, and at MAINTENANCE_COMPLETE as many instances again as there were in the beginning. */
export function sampleManager(original: number): DoctorOptions['handle'] {
  return async (payload, hands) => {
    if (payload['state'] !== 'MAINTENANCE_COMPLETE') return sampleHandler(payload, hands);
    const missing = original - (await hands.count());
    if (missing > 0) await hands.scale(missing);
    return {};
  };
}
