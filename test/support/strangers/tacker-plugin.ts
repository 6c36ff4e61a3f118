/**
 * Tacker's Fenix plug-in with its alarm receiver, call by call (facts 8.2c): only 200 is success, PREPARE and PLANNED are
 * replied to twice, INSTANCE_ACTION_DONE is replied to, traits are evaluated as Python.
 */
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { Lab } from '../../../src/lab/lab.ts';
import type { AtEnd } from '../stage.ts';
import { heatAlarm, listenAsTarget, type AlarmBody, type AlarmTarget } from './alarm-target.ts';
import { call, jsonOf } from './call.ts';
import { jsonHeaders, scaleServers, serversOf, tokenOf } from './keystone.ts';

/** `maintenance` of the VNF's configuration, as its YAML was read: the documented sample has commas in its values. */
export interface TackerConfig {
  readonly max_impacted_members?: unknown;
  readonly recovery_time?: unknown;
  readonly mitigation_type?: unknown;
  readonly lead_time?: unknown;
  readonly migration_type?: unknown;
  readonly max_interruption_time?: unknown;
}

export interface TackerOptions {
  readonly config: TackerConfig;
  /** With a scaling policy it scales, else it acknowledges SCALE_IN at once. */
  readonly scalingPolicy: boolean;
  /** The VNF's status: anything but ACTIVE makes it refuse. */
  readonly status?: string;
}

/** A request of the plug-in with the statuses that it got: more than one where it had to try again. */
export interface TackerRequest {
  readonly method: string;
  readonly url: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly statuses: readonly number[];
}

export interface TackerPlugin extends AlarmTarget {
  readonly states: readonly string[];
  readonly requests: readonly TackerRequest[];
  /** As at the creation of the VNF: the group and its instances at once. */
  createConstraints(): Promise<void>;
  /** As at its deletion. */
  deleteConstraints(): Promise<void>;
}

const tries = 5;
const states = [
  'MAINTENANCE',
  'SCALE_IN',
  'MAINTENANCE_COMPLETE',
  'PREPARE_MAINTENANCE',
  'PLANNED_MAINTENANCE',
  'INSTANCE_ACTION_DONE',
];
const listKeys: Readonly<Record<string, readonly string[]>> = {
  PREPARE_MAINTENANCE: ['allowed_actions', 'instance_ids'],
  PLANNED_MAINTENANCE: ['allowed_actions', 'instance_ids'],
};

/** Starts the plug-in for one VNF whose instances are those of the project, with its alarm. */
export async function startTackerPlugin(
  atEnd: AtEnd,
  { lab, url }: { readonly lab: Lab; readonly url: string },
  { config, scalingPolicy, status = 'ACTIVE' }: TackerOptions,
): Promise<TackerPlugin> {
  const groupId = randomUUID();
  const vnfId = randomUUID();
  const projectId = lab.projects['doctor']?.id ?? '';
  const heard: string[] = [];
  const requests: TackerRequest[] = [];
  const token = await tokenOf(lab, 'doctor', 'doctor');
  const endpoint = await endpointOf(lab, token);
  let scaled = 0;

  const request = async (method: string, to: string, data: Record<string, unknown> = {}) => {
    const statuses: number[] = [];
    while (statuses.length < tries && statuses.at(-1) !== 200) {
      const answer = await call({
        method,
        url: to,
        headers: { ...jsonHeaders, 'X-Auth-Token': token },
        ...(method === 'PUT' && { data: JSON.stringify(data) }),
      });
      statuses.push(answer.status);
    }
    requests.push({ method, url: to, data, statuses });
  };
  const groupRow = () => ({
    group_id: groupId,
    project_id: projectId,
    group_name: `tacker_nonha_app_group_${vnfId}`,
    anti_affinity_group: false,
    max_instances_per_host: 0,
    resource_mitigation: true,
    max_impacted_members: config.max_impacted_members ?? 1,
    recovery_time: config.recovery_time ?? 60,
  });
  const putInstance = (id: string) =>
    request('PUT', `${endpoint}/instance/${id}`, {
      project_id: projectId,
      instance_id: id,
      // The name of the resource in Heat's template, not that of the server.
      instance_name: `VDU1-${id.slice(0, 8)}`,
      migration_type: config.migration_type ?? 'MIGRATE',
      resource_mitigation: config.mitigation_type ?? true,
      max_interruption_time: config.max_interruption_time ?? 120,
      lead_time: config.lead_time ?? 120,
      group_id: groupId,
    });
  const instanceIds = async () => (await serversOf(lab, token)).map(({ id }) => id);
  const reply = (body: Record<string, unknown>, data: Record<string, unknown>) =>
    request('PUT', String(body['reply_url']), {
      ...data,
      session_id: body['session_id'],
      state: `${status === 'ACTIVE' ? 'ACK' : 'NACK'}_${String(body['state'])}`,
    });
  const scale = (by: number) => scaleServers(lab, token, { prefix: 'doctor_nonha_app_', by });

  const act: Readonly<Record<string, (body: Record<string, unknown>) => Promise<void>>> = {
    MAINTENANCE: async (body) => {
      scaled = 0;
      await reply(body, { instance_ids: await instanceIds() });
    },
    SCALE_IN: async (body) => {
      if (!scalingPolicy) return reply(body, {});
      const { removed } = await scale(-2);
      await Promise.all(removed.map((id) => request('DELETE', `${endpoint}/instance/${id}`)));
      scaled += 1;
      await reply(body, { instance_ids: await instanceIds() });
    },
    MAINTENANCE_COMPLETE: async (body) => {
      if (scaled === 0) return reply(body, {});
      for (; scaled > 0; scaled -= 1) {
        const { added } = await scale(2);
        await Promise.all(added.map(putInstance));
      }
      await reply(body, { instance_ids: await instanceIds() });
    },
  };
  const acknowledge = async (body: Record<string, unknown>) => {
    const isAction = /^(PREPARE|PLANNED)/.test(String(body['state']));
    const data = isAction ? { instance_action: config.migration_type ?? 'MIGRATE' } : {};
    // Once when the message is handled, once more when its handling is over.
    for (let time = 0; time < (isAction ? 2 : 1); time += 1) await reply(body, data);
  };

  const target = await listenAsTarget(
    atEnd,
    `/v1.0/vnfs/${vnfId}/maintenance/${projectId}/a1b2c3d4`,
    async (alarm, path) => {
      if (path.split('/').length !== 7) throw new Error(`not an address of an alarm: ${path}`);
      const body = evaluateTraits(alarm);
      validate(body);
      heard.push(String(body['state']));
      await (act[String(body['state'])] ?? acknowledge)(body);
    },
  );
  const created = await call({
    method: 'POST',
    url: `${url}/v2/alarms`,
    headers: { ...jsonHeaders, 'X-Auth-Token': token },
    data: heatAlarm('maintenance.scheduled', target.url),
  });
  if (created.status !== 201) throw new Error(created.text);

  return {
    ...target,
    states: heard,
    requests,
    async createConstraints() {
      const ids = await instanceIds();
      // Spawned side by side: instances may come before their group.
      await Promise.all([
        ...ids.map(putInstance),
        request('PUT', `${endpoint}/instance_group/${groupId}`, groupRow()),
      ]);
    },
    async deleteConstraints() {
      const ids = await instanceIds();
      await Promise.all([
        request('DELETE', `${endpoint}/instance_group/${groupId}`),
        ...ids.map((id) => request('DELETE', `${endpoint}/instance/${id}`)),
      ]);
    },
  };
}

/** What keystoneauth makes of the catalog: the public endpoint of the type in the region. */
async function endpointOf(lab: Lab, token: string): Promise<string> {
  const headers = { ...jsonHeaders, 'X-Auth-Token': token };
  const answer = await call({ method: 'GET', url: `${lab.authUrl}/auth/catalog`, headers });
  const { catalog } = jsonOf(answer) as {
    catalog: { type: string; endpoints: { interface: string; region_id: string; url: string }[] }[];
  };
  const endpoint = catalog
    .find(({ type }) => type === 'maintenance')
    ?.endpoints.find(({ interface: kind, region_id: region }) => kind === 'public' && region === lab.region);
  if (endpoint === undefined) throw new Error('no service of type maintenance');
  return endpoint.url.replace(/\/$/, '');
}

/** Text traits that begin like a list or a dictionary are evaluated by Python itself. */
function evaluateTraits(body: AlarmBody): Record<string, unknown> {
  const { traits } = body.reason_data.event;
  const literals = traits.filter(([, type, value]) => type === 1 && /^[[{]/.test(String(value)));
  const program = 'import json,sys; print(json.dumps([eval(x) for x in json.load(sys.stdin)]))';
  const { status, stdout, stderr } = spawnSync('python3', ['-c', program], {
    input: JSON.stringify(literals.map(([, , value]) => value)),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  const evaluated = JSON.parse(stdout) as unknown[];
  const values = new Map(literals.map(([name], index) => [name, evaluated[index]]));
  return Object.fromEntries(
    traits.map(([name, , value]) => [name, values.has(name) ? values.get(name) : value]),
  );
}

function validate(body: Record<string, unknown>): void {
  const missing = ['instance_ids', 'session_id', 'state', 'reply_url'].filter((key) => !(key in body));
  const state = String(body['state']);
  const noLists = (listKeys[state] ?? []).filter((key) => !Array.isArray(body[key]));
  if (missing.length > 0 || noLists.length > 0 || !states.includes(state)) {
    throw new Error(`InvalidMaintenanceParameter: ${state} ${[...missing, ...noLists].join(' ')}`);
  }
}
